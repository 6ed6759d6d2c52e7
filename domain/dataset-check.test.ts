import { expect, it } from 'vitest'
import { checkNames, defaultChecks, expectationSchema } from './dataset-check'
import { checkWords } from './dataset-check-words'

it('has words and the same level for each check', () => {
  expect(Object.keys(checkWords)).toEqual([...checkNames])
  for (const name of checkNames) expect(checkWords[name]?.level, name).toBe(defaultChecks[name].level)
})

it('takes what a curator may expect, and refuses a field that no row has', () => {
  expect(expectationSchema.parse({ kind: 'present', field: 'value' })).toMatchObject({ share: 1 })
  expect(expectationSchema.safeParse({ kind: 'range', field: 'slice.megapixels', to: 12 }).success).toBe(true)
  expect(expectationSchema.safeParse({ kind: 'present', field: 'password' }).success).toBe(false)
  expect(expectationSchema.safeParse({ kind: 'one-of', field: 'lang', values: [] }).success).toBe(false)
})
