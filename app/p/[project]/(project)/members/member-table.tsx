'use client'
import { useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { ConfirmInline } from '@/components/ui/confirm-inline'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SelectField } from '@/components/ui/select-field'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { OneTimeToken } from '@/contract/v1/account'
import type { ActionAnswer, Member } from '@/contract/v1/people'
import { type Role, roles } from '@/domain/permission'
import styles from '../project.module.css'
import { ShownOnce } from '../shown-once'

const roleOptions = roles.map(role => ({ value: role, label: roleLabel(role) })).reverse()

function roleLabel(role: Role): string {
  return role.charAt(0).toUpperCase() + role.slice(1)
}

interface MemberTableProps {
  project: string
  members: Member[]
  mayManage: boolean
  /** Whether the reader administers the instance and may hand out reset links. */
  mayReset: boolean
  /** The server's clock. */
  now: string
}

export function MemberTable({ project, members, mayManage, mayReset, now }: MemberTableProps) {
  const { run, tell, busy, refusal } = useChange(project)
  const [reset, setReset] = useState<{ name: string; link: string } | null>(null)
  const path = (member: Member) => `/projects/${project}/members/${member.userId}`

  async function changeRole(member: Member, role: Role) {
    const answer = await run<ActionAnswer>(member.userId, 'PATCH', path(member), { role })
    if (answer)
      tell(
        `${member.name} is ${role} now.`,
        answer.actionId,
        `Undone. ${member.name} is ${member.role} again.`,
      )
  }

  async function remove(member: Member) {
    const answer = await run<ActionAnswer>(member.userId, 'DELETE', path(member))
    if (answer)
      tell(
        `${member.name} is out of the project.`,
        answer.actionId,
        `Undone. ${member.name} is back as ${member.role}.`,
      )
  }

  async function makeReset(member: Member) {
    const answer = await run<OneTimeToken>(`reset ${member.userId}`, 'POST', '/password-resets', {
      email: member.email,
    })
    if (answer) setReset({ name: member.name, link: `${location.origin}${answer.path}` })
  }

  return (
    <>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <Table caption="Members of the project">
        <thead>
          <tr>
            <Th>Person</Th>
            <Th>Role</Th>
            <Th tight>Joined</Th>
            <Th tight>Last seen</Th>
            {mayManage ? (
              <Th>
                <span className="visually-hidden">Remove</span>
              </Th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {members.map(member => (
            <Tr key={member.userId}>
              <Td>
                <span className={styles.person}>
                  <Avatar name={member.name} />
                  <span className={styles.who}>
                    <span dir="auto">
                      {member.name}
                      {member.you ? ' (you)' : ''}
                    </span>
                    {member.demo ? (
                      <span className={styles.quiet}>Sample person</span>
                    ) : member.email ? (
                      <span className={styles.quiet}>{member.email}</span>
                    ) : null}
                  </span>
                </span>
              </Td>
              <Td>
                {mayManage ? (
                  <SelectField
                    label={`Role of ${member.name}`}
                    labelHidden
                    className={styles.role}
                    value={member.role}
                    disabled={busy === member.userId}
                    options={roleOptions}
                    onChange={event => void changeRole(member, event.target.value as Role)}
                  />
                ) : (
                  roleLabel(member.role)
                )}
              </Td>
              <Td tight>
                <RelativeTime at={member.joinedAt} now={now} show="time" />
              </Td>
              <Td tight>
                {member.lastSeenAt ? (
                  <RelativeTime at={member.lastSeenAt} now={now} />
                ) : (
                  <span className={styles.quiet}>never</span>
                )}
              </Td>
              {mayManage ? (
                <Td className={styles.end}>
                  {mayReset && member.email && !member.demo && !member.you ? (
                    <Button
                      kind="quiet"
                      size="small"
                      busy={busy === `reset ${member.userId}`}
                      aria-label={`Make a password link for ${member.name}`}
                      onClick={() => void makeReset(member)}
                    >
                      Password link
                    </Button>
                  ) : null}
                  <ConfirmInline
                    label="Remove"
                    size="small"
                    danger
                    question={member.you ? 'Leave this project?' : `Remove ${member.name}?`}
                    confirmLabel={member.you ? 'Leave' : 'Remove'}
                    onConfirm={() => remove(member)}
                  />
                </Td>
              ) : null}
            </Tr>
          ))}
        </tbody>
      </Table>
      {reset ? (
        <ShownOnce key={reset.link}>
          <CopyField
            label={`Password link for ${reset.name}`}
            value={reset.link}
            hint="Shown once, works once, for 24 hours. It signs them out everywhere when used."
          />
        </ShownOnce>
      ) : null}
    </>
  )
}
