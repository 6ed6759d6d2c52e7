import type { Metadata } from 'next'
import { arrivalsQuery } from '@/contract/v1/arrivals'
import { listKeys } from '@/db/queries/people'
import { pagePermissions } from '@/domain/page-permission'
import { arrivalOrigins, listArrivals } from '@/server/list-arrivals'
import { requireProjectPage } from '@/server/page-access'
import { Inspector } from './inspector'

export const metadata: Metadata = { title: 'What arrives' }

export default async function InspectorPage({ params }: { params: Promise<{ project: string }> }) {
  const { project } = await params
  const here = `/p/${project}/settings/inspector`
  const scope = await requireProjectPage(project, pagePermissions['settings/inspector'], here)
  const [initial, keys, origins] = await Promise.all([
    listArrivals(scope, arrivalsQuery.parse({ limit: 100 })),
    listKeys(scope),
    arrivalOrigins(scope),
  ])
  return (
    <Inspector
      project={project}
      initial={initial}
      keys={keys.map(({ id, name, prefix }) => ({ id, name, prefix }))}
      origins={origins}
      mayMakeKeys={scope.can('keys.manage')}
    />
  )
}
