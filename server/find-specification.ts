import 'server-only'
import type { WorkSpecification } from '@/contract/v1/review'
import { getDb, statementName } from '@/db/client'
import { firstSpecification, type SpecificationSchema } from '@/domain/specification'

interface Versions {
  current: number
  schemas: Map<number, SpecificationSchema>
}

/** Every version of the project's specification: few, and none of them changes. */
async function readVersions(projectId: string): Promise<Versions> {
  const { rows } = await getDb().$client.query<{ version: number; schema: SpecificationSchema }>({
    name: statementName('specifications'),
    text: 'SELECT version, schema FROM specifications WHERE project_id = $1 ORDER BY version',
    values: [projectId],
  })
  const schemas = new Map(rows.map(row => [row.version, row.schema]))
  if (!schemas.has(1)) schemas.set(1, firstSpecification)
  return { current: Math.max(...schemas.keys()), schemas }
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
