import { FunctionDeclaration, Node, type Parser } from 'assemblyscript'

// For the AssemblyScript compiler: a function whose comment has `@inline` is put into those that call it. The compiler's own sign for that is a decorator,
// which TypeScript does not allow on functions.

/** Called by the compiler. */
export function afterParse({ sources }: Parser): void {
  for (const { statements, text } of sources) {
    let end = 0
    for (const statement of statements) {
      const { range } = statement
      if (statement instanceof FunctionDeclaration && text.slice(end, range.start).includes('@inline')) {
        const name = Node.createIdentifierExpression('inline', range)
        statement.decorators = [Node.createDecorator(name, null, range)]
      }
      end = range.end
    }
  }
}
