import 'server-only'
import type { WorkSpecification } from '@/contract/v1/review'
import { type Database, getDb, statementName, type Transaction } from '@/db/client'
import {
  type CodeReading,
  currentCode,
  firstSpecification,
  type SpecificationSchema,
} from '@/domain/specification'

/** Every version of a project's specification: few, and none of them changes. */
export interface Versions {
  current: number
  schemas: ReadonlyMap<number, SpecificationSchema>
  /** How each reads the codes of the version before. */
  readings: ReadonlyMap<number, CodeReading>
}

interface VersionRow extends CodeReading {
  version: number
  schema: SpecificationSchema
}

export async function readVersions(
  projectId: string,
  db: Pick<Database | Transaction, '$client'> = getDb(),
): Promise<Versions> {
  const { rows } = await db.$client.query<VersionRow>({
    name: statementName('specifications'),
    text: 'SELECT version, schema, mapping, restores FROM specifications WHERE project_id = $1 ORDER BY version',
    values: [projectId],
  })
  const schemas = new Map(rows.map(row => [row.version, row.schema]))
  if (!schemas.has(1)) schemas.set(1, firstSpecification)
  return {
    current: Math.max(...schemas.keys()),
    schemas,
    readings: new Map(rows.map(row => [row.version, row])),
  }
}

/** What annotators work under now, with the words of every code that was ever in use. */
export async function findWorkSpecification(projectId: string): Promise<WorkSpecification> {
  const { current, schemas } = await readVersions(projectId)
  const words: Record<string, string> = {}
  for (const [, schema] of [...schemas].sort(([a], [b]) => a - b))
    for (const { code, words: said } of schema.reasons) words[code] = said
  return { version: current, reasons: schemas.get(current)?.reasons ?? [], words }
}

/** The codes that each version knows; `current` is the latest. */
export async function findReasonCodes(
  projectId: string,
): Promise<{ current: number; codesOf(version: number): readonly string[] | null }> {
  const { current, schemas } = await readVersions(projectId)
  return { current, codesOf: version => schemas.get(version)?.reasons.map(reason => reason.code) ?? null }
}

/** Reads codes as the current version does: what figures and lists count by. Files keep the codes that were given. */
export async function findCodeReader(
  projectId: string,
): Promise<(code: string, givenUnder: number) => string | null> {
  const { current, readings } = await readVersions(projectId)
  return (code, givenUnder) => currentCode(code, givenUnder, current, readings)
}

/** Reads codes of which nobody noted the version they were given under: as the last version that knew each. */
export async function findUndatedCodeReader(
  projectId: string,
  db: Pick<Database | Transaction, '$client'> = getDb(),
): Promise<(code: string) => string | null> {
  const { current, schemas, readings } = await readVersions(projectId, db)
  return code => {
    const knew = [...schemas].filter(([, { reasons }]) => reasons.some(reason => reason.code === code))
    const last = Math.max(...knew.map(([version]) => version))
    return knew.length === 0 ? code : currentCode(code, last, current, readings)
  }
}
