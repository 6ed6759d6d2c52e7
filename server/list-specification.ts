import 'server-only'
import { diffLines } from 'diff'
import type {
  SpecificationVersion,
  SpecificationVersions,
  SpecificationView,
} from '@/contract/v1/specification'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { firstSpecification, reasonChanges, type SpecificationSchema } from '@/domain/specification'
import type { ProjectScope } from './access'
import { jobColumns, toJob } from './list-jobs'

interface StoredVersion {
  version: number
  schema: SpecificationSchema
  mapping: Record<string, string | null>
  restores: number | null
  markdown: string
  note: string
  createdBy: string | null
  createdAt: string | null
}

/** As a project is before anybody has written a specification: no row says so. */
const unwritten: StoredVersion = {
  version: 1,
  schema: firstSpecification,
  mapping: {},
  restores: null,
  markdown: '',
  note: '',
  createdBy: null,
  createdAt: null,
}

async function readAll(projectId: string): Promise<StoredVersion[]> {
  const { rows } = await getDb().$client.query<StoredVersion>(
    `SELECT s.version, s.schema, s.mapping, s.restores, coalesce(c.body->>'markdown', '') AS markdown,
       coalesce(c.body->>'note', '') AS note, u.name AS "createdBy", to_json(s.created_at)#>>'{}' AS "createdAt"
     FROM specifications s JOIN contents c ON c.project_id = s.project_id AND c.id = s.content_id
     LEFT JOIN users u ON u.id = s.created_by WHERE s.project_id = $1 ORDER BY s.version`,
    [projectId],
  )
  return rows[0]?.version === 1 ? rows : [unwritten, ...rows]
}

function lineCounts(before: string, after: string): { addedLines: number; removedLines: number } {
  const parts = before === after ? [] : diffLines(before, after)
  const sum = (wanted: 'added' | 'removed') =>
    parts.reduce((lines, part) => lines + (part[wanted] ? (part.count ?? 0) : 0), 0)
  return { addedLines: sum('added'), removedLines: sum('removed') }
}

function toVersion(
  stored: StoredVersion,
  before: StoredVersion | undefined,
  current: number,
): SpecificationVersion {
  const { version, schema, mapping, restores, note, createdBy, createdAt } = stored
  return {
    version,
    current: version === current,
    reasons: schema.reasons,
    mapping,
    restores,
    note,
    createdBy,
    createdAt,
    changes: reasonChanges(before?.schema ?? schema, schema),
    guideline: lineCounts(before?.markdown ?? '', stored.markdown),
  }
}

/** One version with its guideline, and that of the version before. @throws AmendError not_found */
export async function readSpecification(scope: ProjectScope, wanted: string): Promise<SpecificationView> {
  const versions = await readAll(scope.projectId)
  const current = versions.at(-1)?.version ?? 1
  const at = versions.findIndex(
    one => String(one.version) === (wanted === 'latest' ? String(current) : wanted),
  )
  const found = versions[at]
  if (!found)
    throw new AmendError('not_found', `There is no version ${wanted} of the guideline.`, { field: 'version' })
  const before = versions[at - 1]
  return { ...toVersion(found, before, current), markdown: found.markdown, before: before?.markdown ?? null }
}

/** Every version, newest first, with what it changed. */
export async function listSpecifications(scope: ProjectScope): Promise<SpecificationVersions> {
  const [versions, { rows }] = await Promise.all([
    readAll(scope.projectId),
    getDb().$client.query(
      `SELECT ${jobColumns} FROM jobs j WHERE j.project_id = $1 AND j.kind = 'send-back'
         AND (j.payload->>'version')::int = (SELECT coalesce(max(s.version), 1) FROM specifications s WHERE s.project_id = $1)
       ORDER BY j.created_at DESC, j.id DESC LIMIT 1`,
      [scope.projectId],
    ),
  ])
  const current = versions.at(-1)?.version ?? 1
  return {
    versions: versions.map((one, at) => toVersion(one, versions[at - 1], current)).reverse(),
    sentBack: rows[0] ? toJob(rows[0]) : null,
  }
}
