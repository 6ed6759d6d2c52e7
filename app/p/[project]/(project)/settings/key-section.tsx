'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ConfirmInline } from '@/components/ui/confirm-inline'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SelectField } from '@/components/ui/select-field'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { ActionAnswer, ApiKey, MadeKey } from '@/contract/v1/people'
import type { KeyScope } from '@/domain/permission'
import styles from '../project.module.css'
import { ShownOnce } from '../shown-once'
import { KeyLine, usualLife } from './key-line'

/** A publishable key is made beside the pages that it is bound to. */
const scopes: { value: KeyScope; label: string }[] = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Write' },
  { value: 'admin', label: 'Admin' },
]
const stateWords: Record<ApiKey['state'], string> = {
  active: 'Active',
  expired: 'Expired',
  revoked: 'Revoked',
}

/** A line that works as soon as it is pasted: it shows that the key opens the project. */
function curlLine(project: string, { key }: MadeKey): string {
  return `curl -H "Authorization: Bearer ${key}" ${location.origin}/api/v1/projects/${project}/feedback`
}

export function KeySection({ project, keys, now }: { project: string; keys: ApiKey[]; now: string }) {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<KeyScope>('read')
  const [days, setDays] = useState(usualLife)
  const [made, setMade] = useState<MadeKey | null>(null)
  const { run, tell, busy, refusal } = useChange(project)

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<MadeKey>('make', 'POST', `/projects/${project}/keys`, {
      name: name.trim(),
      scope,
      expiresInDays: Number(days),
    })
    if (!answer) return
    setMade(answer)
    tell(`Key “${name.trim()}” made.`, answer.actionId, 'Undone. The key is revoked.')
    setName('')
  }

  async function revoke(key: ApiKey) {
    const answer = await run<ActionAnswer>(key.id, 'DELETE', `/projects/${project}/keys/${key.id}`)
    if (answer) tell(`Key “${key.name}” revoked. It no longer opens anything.`, null, '')
    if (answer && made?.id === key.id) setMade(null)
  }

  return (
    <>
      <form className={styles.form} onSubmit={make} noValidate>
        <KeyLine
          hint="What it is for: “Nightly export”."
          name={name}
          onName={setName}
          days={days}
          onDays={setDays}
          refusal={refusal}
        >
          <SelectField
            label="Scope"
            value={scope}
            options={scopes}
            onChange={event => setScope(event.target.value as KeyScope)}
          />
        </KeyLine>
        {refusal && refusal.field !== 'name' ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div className={styles.actions}>
          <Button type="submit" busy={busy === 'make'}>
            Make a key
          </Button>
        </div>
      </form>
      {made ? (
        <ShownOnce key={made.id}>
          <CopyField
            label="The key"
            value={made.key}
            hint="Shown once, stored only as a hash. Keep it in a safe place."
          />
          <CopyField
            label="Try it"
            value={curlLine(project, made)}
            hint="Answers with the newest feedback of this project."
          />
        </ShownOnce>
      ) : null}
      {keys.length > 0 ? (
        <Table caption="Keys and what they open">
          <thead>
            <tr>
              <Th>Key</Th>
              <Th>Scope</Th>
              <Th tight>State</Th>
              <Th>By</Th>
              <Th tight>Last used</Th>
              <Th tight>Ends</Th>
              <Th>
                <span className="visually-hidden">Revoke</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {keys.map(key => (
              <Tr key={key.id}>
                <Td>
                  <span dir="auto">{key.name}</span> <code className={styles.quiet}>{key.prefix}…</code>
                  {key.origins.map(origin => (
                    <div key={origin} className={styles.quiet}>
                      {origin}
                    </div>
                  ))}
                </Td>
                <Td>{key.scope}</Td>
                <Td tight>
                  <span className={styles.state} data-state={key.state}>
                    {stateWords[key.state]}
                  </span>
                </Td>
                <Td>{key.createdBy ?? 'Command line'}</Td>
                <Td tight>
                  {key.lastUsedAt ? (
                    <RelativeTime at={key.lastUsedAt} now={now} />
                  ) : (
                    <span className={styles.quiet}>never</span>
                  )}
                </Td>
                <Td tight>
                  {key.expiresAt ? <RelativeTime at={key.expiresAt} now={now} show="time" /> : 'never'}
                </Td>
                <Td className={styles.end}>
                  {key.state === 'active' ? (
                    <ConfirmInline
                      label="Revoke"
                      size="small"
                      danger
                      question="Revoke for good? What uses it stops within a second."
                      confirmLabel="Revoke"
                      onConfirm={() => revoke(key)}
                    />
                  ) : null}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </>
  )
}
