import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { projectLinks } from '@/components/shell/project-links'
import type { ShellFacts } from '@/components/shell/shell-facts'
import { listProjectsOfPerson } from '@/db/queries/projects'
import type { PersonKeys } from '@/domain/key-map'
import type { ProjectScope } from '@/server/access'
import { countFiring } from '@/server/count-firing'
import { placeholderEmail } from '@/server/first-sign-in'
import { requireProjectPage } from '@/server/page-access'
import { readKeys } from '@/server/read-keys'

interface Shell {
  scope: ProjectScope
  facts: ShellFacts
  keys: PersonKeys
}

/** One check of access for all layouts of a request. Pages check their own permission besides. */
export const openShell = cache(async (slug: string): Promise<Shell> => {
  const here = (await headers()).get('amend-page') ?? `/p/${slug}`
  const scope = await requireProjectPage(slug, 'project.view', here)
  const { caller, project } = scope
  // A key is no person and has no pages.
  if (caller.kind !== 'person') notFound()
  const [projects, keys, firing] = await Promise.all([
    listProjectsOfPerson(caller.userId),
    readKeys(caller.userId),
    countFiring(scope),
  ])
  return {
    scope,
    keys,
    facts: {
      project: { slug: project.slug, name: project.name },
      person: {
        name: caller.name,
        email: caller.email,
        role: caller.role,
        unnamed: caller.email === placeholderEmail,
      },
      projects: projects.map(({ slug: other, name }) => ({ slug: other, name })),
      links: projectLinks(project, permission => scope.can(permission)),
      firing,
    },
  }
})
