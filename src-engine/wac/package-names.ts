import { walkPaths } from '../wit/references.ts'
import type { PackageName } from '../wit/syntax.ts'
import type { Expression, WacDocument } from './syntax.ts'

/** A package that a text names. */
export type NamedPackage = Pick<PackageName, 'name' | 'version'>

/** The packages a script needs: components to instantiate, and WIT for imports, declarations and the target. Each once. */
export function packagesNamedBy(document: WacDocument): {
  readonly components: readonly NamedPackage[]
  readonly wit: readonly NamedPackage[]
} {
  const components = new Map<string, NamedPackage>()
  const wit = new Map<string, NamedPackage>()
  const add = (to: Map<string, NamedPackage>, name: string | undefined, version: string | undefined) => {
    if (name !== undefined && name !== document.package.name)
      to.set(`${name}@${version ?? ''}`, version === undefined ? { name } : { name, version })
  }
  const visit = (expression: Expression): void => {
    if (expression.kind === 'access') visit(expression.of)
    if (expression.kind !== 'new') return
    add(components, expression.package.name, expression.package.version)
    for (const argument of expression.arguments) if (argument.kind === 'named') visit(argument.value)
  }
  if (document.targets) add(wit, document.targets.package, document.targets.version)
  for (const statement of document.statements) {
    if (statement.kind === 'let' || statement.kind === 'export') visit(statement.expression)
    else if (statement.kind === 'declaration')
      walkPaths(statement.declaration, (path) => add(wit, path.package, path.version))
    else if (statement.type.kind === 'path') add(wit, statement.type.path.package, statement.type.path.version)
    else if (statement.type.kind === 'interface')
      walkPaths(statement.type, (path) => add(wit, path.package, path.version))
  }
  return { components: [...components.values()], wit: [...wit.values()] }
}
