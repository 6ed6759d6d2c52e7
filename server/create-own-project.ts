import 'server-only'
import type { NewProjectAnswer, NewProjectBody } from '@/contract/v1/projects'
import { getDb } from '@/db/client'
import { AmendError, isAmendError } from '@/domain/errors'
import { proposeSlug } from '@/domain/project-slug'
import { getConfig } from '@/platform/config'
import type { SignedInPerson } from './access'
import { createProject } from './create-project'

const triesForASlug = 20

/** Why this person makes no projects, or null when they may. */
export function newProjectRefusal(person: SignedInPerson): string | null {
  if (person.demo)
    return 'People of the sample project make no projects, since they go when it goes. Sign in as yourself: npm run amend -- link prints a link.'
  if (getConfig().newProjects === 'admins' && !person.instanceAdmin)
    return 'On this instance projects are made by those who run it. Ask one of them.'
  return null
}

/**
 * Makes a project that its maker owns.
 *
 * @throws AmendError not_allowed, invalid_input, conflict (the slug is taken)
 */
export async function createOwnProject(
  person: SignedInPerson,
  body: NewProjectBody,
): Promise<NewProjectAnswer> {
  const refusal = newProjectRefusal(person)
  if (refusal) throw new AmendError('not_allowed', refusal)
  const wish = {
    name: body.name,
    taskType: body.taskType,
    timeZone: body.timeZone,
    ownerUserId: person.userId,
  }
  if (body.slug) return answer(await createProject({ ...wish, slug: body.slug }), body.slug, body)
  for (let attempt = 1; ; attempt++) {
    const slug = await freeSlug(proposeSlug(body.name))
    try {
      return answer(await createProject({ ...wish, slug }), slug, body)
    } catch (error) {
      // Somebody else took it between the look and the making.
      const taken = isAmendError(error) && error.code === 'conflict'
      if (!taken || attempt >= triesForASlug) throw error
    }
  }
}

function answer(
  made: Awaited<ReturnType<typeof createProject>>,
  slug: string,
  { name, taskType }: NewProjectBody,
): NewProjectAnswer {
  return { id: made.projectId, slug, name, taskType, liveVersionId: made.liveVersionId }
}

async function freeSlug(wanted: string): Promise<string> {
  const { rows } = await getDb().$client.query<{ slug: string }>(
    `SELECT slug FROM projects WHERE slug = $1 OR slug ~ ('^' || $1 || '-[0-9]+$')`,
    [wanted],
  )
  const taken = new Set(rows.map(row => row.slug))
  if (!taken.has(wanted)) return wanted
  let number = 2
  while (taken.has(`${wanted}-${number}`)) number++
  return `${wanted}-${number}`
}
