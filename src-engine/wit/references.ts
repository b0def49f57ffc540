/** Which names of types a declaration mentions. */
import type {
  FunctionSignature,
  InterfaceItem,
  ItemPath,
  TypeDeclaration,
  TypeExpression,
  WorldDeclaration,
} from './syntax.ts'

/** Names in the parameters and the result of a function. */
export function namesOfSignature({ parameters, result, alias }: FunctionSignature): string[] {
  if (alias) return [alias.name]
  return [...parameters.map(({ type }) => type), ...(result ? [result] : [])].flatMap(namesOf)
}

/** Names that a type is made of. The functions of a resource are no part of it. */
export function namesOfType(declaration: TypeDeclaration): string[] {
  switch (declaration.kind) {
    case 'alias':
      return namesOf(declaration.type)
    case 'record':
      return declaration.fields.flatMap(({ type }) => namesOf(type))
    case 'variant':
      return declaration.cases.flatMap(({ type }) => (type ? namesOf(type) : []))
    case 'function-type':
      return namesOfSignature(declaration.signature)
    case 'enum':
    case 'flags':
    case 'resource':
      return []
  }
}

/**
 * Type declarations with those they mention before them: WIT lets a type stand below its users. Equals keep their order.
 * Calls `circle` with a declaration that is made of itself; it then stands where it was met.
 */
export function orderTypes(
  declarations: readonly TypeDeclaration[],
  circle: (declaration: TypeDeclaration) => void,
): TypeDeclaration[] {
  const byName = new Map(declarations.map((each) => [each.name.name, each]))
  const ordered = new Set<TypeDeclaration>()
  const open = new Set<TypeDeclaration>()
  // By hand and not by recursion: a text may chain any number of types.
  const stack: { readonly at: TypeDeclaration; readonly rest: string[] }[] = []
  const enter = (declaration: TypeDeclaration) => {
    open.add(declaration)
    stack.push({ at: declaration, rest: namesOfType(declaration).reverse() })
  }
  for (const declaration of declarations) {
    if (!ordered.has(declaration)) enter(declaration)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const name = top.rest.pop()
      const next = name === undefined ? undefined : byName.get(name)
      if (name === undefined) {
        stack.pop()
        open.delete(top.at)
        ordered.add(top.at)
      } else if (next && open.has(next)) circle(next)
      else if (next && !ordered.has(next)) enter(next)
    }
  }
  // Of two declarations with one name only the last was ordered; the other is refused where it is declared.
  for (const declaration of declarations) ordered.add(declaration)
  return [...ordered]
}

/** Calls `visit` for every path in a declaration: what it uses, includes, imports and exports. */
export function walkPaths(
  declaration:
    WorldDeclaration | TypeDeclaration | { readonly kind: 'interface'; readonly items: readonly InterfaceItem[] },
  visit: (path: ItemPath) => void,
): void {
  if (declaration.kind === 'interface') {
    for (const item of declaration.items) if (item.kind === 'use') visit(item.path)
  }
  if (declaration.kind !== 'world') return
  for (const item of declaration.items) {
    if (item.kind === 'use' || item.kind === 'include') visit(item.path)
    if (item.kind !== 'import' && item.kind !== 'export') continue
    if (item.extern.kind === 'path' || item.extern.kind === 'named-path') visit(item.extern.path)
    if (item.extern.kind === 'interface') walkPaths(item.extern, visit)
  }
}

function namesOf(type: TypeExpression): string[] {
  switch (type.kind) {
    case 'primitive':
      return []
    case 'name':
      return [type.name]
    case 'list':
      return namesOf(type.element)
    case 'map':
      return [type.key, type.value].flatMap(namesOf)
    case 'option':
      return namesOf(type.some)
    case 'result':
      return [type.ok, type.error].flatMap((each) => (each ? namesOf(each) : []))
    case 'tuple':
      return type.items.flatMap(namesOf)
    case 'stream':
    case 'future':
      return type.element ? namesOf(type.element) : []
    case 'own':
    case 'borrow':
      return [type.resource.name]
  }
}
