'use client'
import { useChange } from '@/components/shell/use-change'
import { ConfirmInline } from '@/components/ui/confirm-inline'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { ActionAnswer, Invite } from '@/contract/v1/people'
import styles from '../project.module.css'

const stateWords: Record<Invite['state'], string> = {
  open: 'Open',
  used: 'Accepted',
  expired: 'Expired',
  revoked: 'Revoked',
}

export function InviteTable({ project, invites, now }: { project: string; invites: Invite[]; now: string }) {
  const { run, tell, refusal } = useChange(project)

  async function revoke(invite: Invite) {
    const answer = await run<ActionAnswer>(invite.id, 'DELETE', `/projects/${project}/invites/${invite.id}`)
    if (answer) tell('Invite revoked.', answer.actionId, 'Undone. The link works again.')
  }

  return (
    <>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <Table caption="Invites of the last 90 days">
        <thead>
          <tr>
            <Th>Invite</Th>
            <Th tight>State</Th>
            <Th>By</Th>
            <Th tight>Made</Th>
            <Th tight>Ends</Th>
            <Th>
              <span className="visually-hidden">Revoke</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {invites.map(invite => (
            <Tr key={invite.id}>
              <Td>
                {invite.email ?? 'Anyone with the link'}{' '}
                <span className={styles.quiet}>as {invite.role}</span>
              </Td>
              <Td tight>
                <span className={styles.state} data-state={invite.state}>
                  {stateWords[invite.state]}
                </span>
              </Td>
              <Td>{invite.invitedBy ?? 'Amend'}</Td>
              <Td tight>
                <RelativeTime at={invite.createdAt} now={now} />
              </Td>
              <Td tight>
                <RelativeTime at={invite.expiresAt} now={now} show="time" />
              </Td>
              <Td className={styles.end}>
                {invite.state === 'open' ? (
                  <ConfirmInline
                    label="Revoke"
                    size="small"
                    danger
                    question="Close this link?"
                    confirmLabel="Revoke"
                    onConfirm={() => revoke(invite)}
                  />
                ) : null}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}
