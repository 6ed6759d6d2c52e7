import 'server-only'
import type { FoundThings } from '@/contract/v1/find'
import { getDb } from '@/db/client'
import type { Permission } from '@/domain/permission'
import type { ProjectScope } from './access'

const mostOfAKind = 5

type Kind = FoundThings['found'][number]['kind']

interface Source {
  kind: Kind
  permission: Permission
  /** Rows of `id`, `name` and what the page's address takes as `at`; `$1` is the project. */
  from: string
  href(slug: string, at: string): string
}

const sources: readonly Source[] = [
  {
    kind: 'dataset',
    permission: 'datasets.view',
    from: `SELECT id, name, slug AS at FROM datasets WHERE project_id = $1 AND archived_at IS NULL`,
    href: (slug, at) => `/p/${slug}/datasets/${at}`,
  },
  {
    kind: 'queue',
    permission: 'queues.work',
    from: `SELECT id, name, id::text AS at FROM queues WHERE project_id = $1`,
    href: (slug, at) => `/p/${slug}/queues/${at}`,
  },
  {
    kind: 'model',
    permission: 'models.view',
    from: `SELECT id, name, '' AS at FROM models WHERE project_id = $1`,
    href: slug => `/p/${slug}/models`,
  },
]

/** Datasets, queues and models whose name holds these words, as far as the caller may see them. */
export async function findByName(scope: ProjectScope, words: string): Promise<FoundThings> {
  const like = words.replace(/[\\%_]/g, character => `\\${character}`)
  const found = await Promise.all(
    sources
      .filter(source => scope.can(source.permission))
      .map(async source => {
        const { rows } = await getDb().$client.query<{ id: string; name: string; at: string }>(
          `SELECT * FROM (${source.from}) AS s WHERE name ILIKE '%' || $2 || '%'
           ORDER BY name ILIKE $2 || '%' DESC, name, id LIMIT ${mostOfAKind}`,
          [scope.projectId, like],
        )
        return rows.map(row => ({
          kind: source.kind,
          id: row.id,
          name: row.name,
          href: source.href(scope.project.slug, row.at),
        }))
      }),
  )
  return { found: found.flat() }
}
