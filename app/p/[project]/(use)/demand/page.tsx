import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { Demand } from '@/components/demand/demand'
import { readConsent } from '@/server/consent'
import { listDemand } from '@/server/list-demand'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'

export const metadata: Metadata = { title: 'Demand' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ [name: string]: string | string[] | undefined }>
}

export default async function DemandPage({ params, searchParams }: Props) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, 'demand.use', `/p/${slug}/demand`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const usePage = taskFacts(project.taskType)?.usePage
  if (usePage && usePage !== 'demand') redirect(`/p/${slug}/${usePage}`)
  const { series } = await searchParams
  const [page, consent] = await Promise.all([
    listDemand(scope, typeof series === 'string' ? series : undefined),
    readConsent(scope),
  ])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
    usePage: usePage ?? null,
  }
  return (
    <Demand
      owner={owner}
      title={page.selected ?? project.name}
      page={page}
      consent={consent}
      importHref={scope.can('items.import') ? `/p/${slug}/import` : null}
    />
  )
}
