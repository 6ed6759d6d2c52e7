import { expect, it } from 'vitest'
import { type ImportCounts, sayImport } from './import-words'

const counts: ImportCounts = {
  state: 'running',
  position: 1203,
  total: 1500,
  stored: 1200,
  known: 0,
  refused: 3,
  lines: [7, 19, 800],
}

it('says how many rows are in, of how many, and which were refused', () => {
  expect(sayImport(counts)).toBe('1,200 of 1,500 rows, 3 refused: lines 7, 19, 800')
  expect(sayImport({ ...counts, refused: 12, known: 2, lines: [1, 2, 3, 4, 5] })).toBe(
    '1,202 of 1,500 rows, 2 there already, 12 refused: lines 1, 2, 3, 4, 5 and 7 more',
  )
  expect(sayImport({ ...counts, total: 1, stored: 0, refused: 1, lines: [2] })).toBe(
    '0 of 1 row, 1 refused: line 2',
  )
  expect(sayImport({ ...counts, total: null, refused: 0, lines: [] })).toBe('1,200 rows')
  expect(sayImport({ ...counts, state: 'uploaded' })).toBe('Not started.')
  expect(sayImport({ ...counts, state: 'undone', stored: 1 })).toBe('Undone. 1 item was erased.')
})
