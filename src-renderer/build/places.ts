import type { Problem } from '../../src-preload/contract.ts'

/** The file of the component's sources that a tool's path means (`index.js`, `src/hello/index.js`, an absolute path), if any. */
export function fileOfPlace(
  files: readonly { readonly path: string }[],
  place: string | undefined,
): string | undefined {
  if (place === undefined) return undefined
  const path = place.replaceAll('\\', '/').replace(/^\.\//, '')
  const exact = files.find((file) => file.path === path)
  if (exact) return exact.path
  // The longest path that the place ends with.
  return files
    .filter((file) => path.endsWith(`/${file.path}`))
    .toSorted((left, right) => right.path.length - left.path.length)[0]?.path
}

/** Problems to mark in one file: those that name it; those that name none and have a line belong to the only file there is. */
export function problemsOfFile(
  problems: readonly Problem[],
  files: readonly { readonly path: string }[],
  path: string,
): Problem[] {
  return problems.filter(({ where }) =>
    where?.file === undefined
      ? files.length === 1 && where?.line !== undefined
      : fileOfPlace(files, where.file) === path,
  )
}
