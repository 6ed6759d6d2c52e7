import type { Metadata } from 'next'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { listInvites, listMembers } from '@/db/queries/people'
import { pagePermissions } from '@/domain/page-permission'
import { roleMeanings, roles } from '@/domain/permission'
import { requireProjectPage } from '@/server/page-access'
import styles from '../project.module.css'
import { InviteForm } from './invite-form'
import { InviteTable } from './invite-table'
import { MemberTable } from './member-table'

export const metadata: Metadata = { title: 'Members' }

export default async function MembersPage({ params }: { params: Promise<{ project: string }> }) {
  const { project } = await params
  const scope = await requireProjectPage(project, pagePermissions.members, `/p/${project}/members`)
  const mayManage = scope.can('members.manage')
  const [members, invites] = await Promise.all([listMembers(scope), mayManage ? listInvites(scope) : []])
  const mayReset = scope.caller.kind === 'person' && scope.caller.instanceAdmin
  const open = invites.filter(invite => invite.state === 'open').length
  const people = members.length === 1 ? '1 person' : `${members.length} people`
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="Members"
          meta={
            mayManage
              ? 'A new role counts from the next click on. Removing someone keeps what they gave as feedback.'
              : 'Owners invite people and set roles.'
          }
        />
        <MemberTable
          project={project}
          members={members}
          mayManage={mayManage}
          mayReset={mayReset}
          now={new Date().toISOString()}
        />
        {mayManage ? (
          <section className={`${styles.section} ${styles.wide}`} aria-labelledby="invite">
            <h2 id="invite">Invite someone</h2>
            <p className={styles.lead}>
              Make a link and hand it over yourself. It works once, then it is spent. No mail is sent from
              here.
            </p>
            <InviteForm
              project={project}
              meanings={roles.map(role => ({ role, means: roleMeanings[role] }))}
            />
            {invites.length > 0 ? (
              <InviteTable project={project} invites={invites} now={new Date().toISOString()} />
            ) : null}
          </section>
        ) : null}
      </div>
      <StatusLane
        state={
          mayManage && open > 0 ? `${people}, ${open} open ${open === 1 ? 'invite' : 'invites'}` : people
        }
      />
    </>
  )
}
