import type { Metadata } from 'next'
import { ButtonLink } from '@/components/ui/button'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { pagePermissions } from '@/domain/page-permission'
import { describeWatch } from '@/server/change-watch'
import { requireProjectPage } from '@/server/page-access'
import styles from '../../project.module.css'
import { WatchForm } from './watch-form'

export const metadata: Metadata = { title: 'What is watched' }

export default async function WatchSettingsPage({ params }: { params: Promise<{ project: string }> }) {
  const { project } = await params
  const here = `/p/${project}/settings/monitors`
  const scope = await requireProjectPage(project, pagePermissions['settings/monitors'], here)
  const watch = await describeWatch(scope)
  const mayChange = scope.can('settings.manage')
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="What is watched"
          meta="An alert needs its effect, a q-value below .05 among everything looked at together, and 2 of the last 3 whole days."
          actions={<ButtonLink href={`/p/${project}/monitors`}>Monitors</ButtonLink>}
        />
        <WatchForm
          key={JSON.stringify(watch.settings)}
          project={project}
          watch={watch}
          mayChange={mayChange}
        />
      </div>
      <StatusLane state={mayChange ? null : 'Read only'} />
    </>
  )
}
