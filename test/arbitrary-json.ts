import fc from 'fast-check'

/** The part of JSON Schema (2020-12) that the API's document uses. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

export interface Surroundings {
  /** Finds what a `$ref` names. */
  resolve(ref: string): JsonSchema
  /** Ids that exist, so that a request gets past "not found". */
  ids: readonly string[]
  /** Names that exist, and values that a text may hold. */
  words: readonly string[]
}

const deepest = 6
const isUuid = (pattern: string) => pattern.startsWith('^[0-9a-f]{8}-')

/** Values that a JSON schema describes, now and then at the edge of what it allows. */
export function arbitraryOf(schema: JsonSchema, around: Surroundings, depth = 0): fc.Arbitrary<unknown> {
  const inner = (part: JsonSchema) => arbitraryOf(part, around, depth + 1)
  if (depth > deepest) return fc.constant(null)
  if (schema.$ref) return inner(around.resolve(schema.$ref))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(inner))
  if (schema.allOf)
    return fc
      .tuple(...schema.allOf.map(inner))
      .map(parts => Object.assign({}, ...parts.map(part => (typeof part === 'object' ? part : {}))))
  const types = [schema.type ?? []].flat()
  if (types.length > 1) return fc.oneof(...types.map(type => inner({ ...schema, type })))
  switch (types[0]) {
    case 'string':
      return textOf(schema, around)
    case 'integer':
      return fc.integer(range(schema, 1))
    case 'number':
      return fc.double({ ...range(schema, 0), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const { minItems = 0, maxItems = 3 } = schema
      return fc.array(inner(schema.items ?? {}), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      })
    }
    case 'object':
      return objectOf(schema, inner)
    default:
      return fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom(...around.words).map(text => ({ text })),
      )
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema, step: number) {
  const min = minimum ?? (exclusiveMinimum === undefined ? -1_000 : exclusiveMinimum + (step || 1e-6))
  const max =
    maximum ?? (exclusiveMaximum === undefined ? Math.max(min, 0) + 1_000 : exclusiveMaximum - (step || 1e-6))
  return { min: step ? Math.ceil(min) : min, max: step ? Math.floor(max) : max }
}

function objectOf(
  schema: JsonSchema,
  inner: (part: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)])),
    { requiredKeys: required.filter(name => name in properties) },
  )
  if (typeof additionalProperties !== 'object') return known
  const more = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), inner(additionalProperties), { maxKeys: 3 })
  return fc.tuple(more, known).map(([others, own]) => ({ ...others, ...own }))
}

function textOf(
  { pattern, format, minLength = 0, maxLength = 60 }: JsonSchema,
  around: Surroundings,
): fc.Arbitrary<string> {
  if (format === 'uuid' || (pattern && isUuid(pattern)))
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...around.ids) }, fc.uuid({ version: 7 }))
  if (format === 'date-time')
    return fc
      .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map(date => date.toISOString())
  if (format === 'email') return fc.stringMatching(/^[a-z]{1,12}$/).map(name => `${name}@example.test`)
  if (format === 'uri') return fc.stringMatching(/^[a-z]{1,12}$/).map(name => `https://${name}.invalid/`)
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  const most = Math.max(minLength, Math.min(maxLength, 60))
  const fitting = around.words.filter(word => word.length >= minLength && word.length <= maxLength)
  const free = fc.string({ unit: 'grapheme', minLength, maxLength: most })
  return fitting.length > 0 ? fc.oneof(fc.constantFrom(...fitting), free) : free
}

const wrong: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  null,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '‮\u202etxt',
  'x'.repeat(20_000),
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  true,
  [],
  {},
  [[[[[[]]]]]],
  { __proto__x: 1, constructor: { prototype: {} } },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  '%00',
  "'; DROP TABLE items; --",
  '9999-12-31T23:59:59.999999Z',
  '275760-09-13T00:00:00Z',
  'NaN',
)

/** A value with one part of it, at any depth, put wrong, left out or added. */
export function spoiled(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(value, wrong, fc.nat(), fc.constantFrom('put', 'leave out', 'add'))
    .map(([whole, part, at, how]) => {
      const copy = structuredClone(whole)
      const places: { holder: Record<string, unknown>; name: string }[] = []
      const walk = (node: unknown) => {
        if (node === null || typeof node !== 'object') return
        for (const name of Object.keys(node)) {
          places.push({ holder: node as Record<string, unknown>, name })
          walk((node as Record<string, unknown>)[name])
        }
      }
      walk(copy)
      const place = places[at % Math.max(1, places.length)]
      if (!place) return part
      if (how === 'put') place.holder[place.name] = part
      else if (how === 'leave out') delete place.holder[place.name]
      else place.holder[`${place.name}More`] = part
      return copy
    })
}
