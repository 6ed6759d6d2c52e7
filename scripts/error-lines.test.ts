import { expect, test } from 'vitest'
import { errorLines } from './error-lines.mjs'

test('faults of our own log and stack traces are told, and nothing else', () => {
  const output = [
    '  Applied migration 0001_ledger (0.08 s)',
    '{"level":30,"msg":"a job began: Error-free"}',
    '{"level":50,"msg":"request failed","err":{"stack":"    at f"}}',
    '\u001b[31m ⨯\u001b[39m Error: the pool is closed',
    '    at readRow (file:///x.js:1:1)',
    "  digest: '123'",
    'Ready at http://localhost:3000',
  ].join('\n')
  expect(errorLines(output)).toEqual([
    '{"level":50,"msg":"request failed","err":{"stack":"    at f"}}',
    ' ⨯ Error: the pool is closed',
    '    at readRow (file:///x.js:1:1)',
    "  digest: '123'",
  ])
})

test('of many lines the first are told, and how many more there were', () => {
  const output = Array.from({ length: 100 }, (_, at) => `Error: ${at}`).join('\n')
  expect(errorLines(output)).toHaveLength(61)
  expect(errorLines(output).at(-1)).toBe('… and 40 lines more')
})
