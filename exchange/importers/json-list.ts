import { asUtf8 } from '../as-utf8'
import { markedEncoding } from '../byte-order-mark'
import type { ItemImporter, TableRow } from '../importer'
import { parseElement, splitElements } from './json-elements'

/**
 * A JSON list of objects, read entry by entry: `line` is the number of an entry. An entry that is no object, no JSON or
 * longer than 1 MiB is refused alone; a list that never closes gives what stood whole before and says so.
 */
export const jsonListImporter: ItemImporter = {
  label: 'JSON list',
  detect: head => ({ encoding: markedEncoding(head) ?? 'utf-8' }),
  async *read(bytes, { encoding }): AsyncIterable<TableRow> {
    let line = 0
    for await (const element of splitElements(asUtf8(bytes, encoding))) {
      line++
      if ('broken' in element) {
        yield { line, problem: { field: null, detail: element.broken, last: true } }
        return
      }
      // Lists under an object: which of them would hold the items, nobody says.
      if (element.list !== '') {
        const detail = 'This is an object with lists in it, not a list of objects.'
        yield { line, problem: { field: null, detail, last: true } }
        return
      }
      const parsed = parseElement(element)
      yield 'problem' in parsed
        ? { line, problem: { field: null, detail: parsed.problem } }
        : { line, values: parsed.value }
    }
  },
}
