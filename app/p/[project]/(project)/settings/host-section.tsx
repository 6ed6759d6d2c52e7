'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { Snippet } from '@/components/ui/snippet'
import { TextArea } from '@/components/ui/text-area'
import type { MadeKey } from '@/contract/v1/people'
import styles from '../project.module.css'
import { ShownOnce } from '../shown-once'
import { nodeSnippet, pageSnippet, pythonSnippet } from './host-snippets'
import { KeyLine, usualLife } from './key-line'

interface Props {
  project: string
  /** A payload to show how one looks, or null where there is no short one. */
  example: unknown
  /** Of the SDK that this server hands out. */
  integrity: string | null
}

/** Makes a key for pages of another site, and says what goes into the page and onto its server. */
export function HostSection({ project, example, integrity }: Props) {
  const [name, setName] = useState('')
  const [origins, setOrigins] = useState('')
  const [days, setDays] = useState(usualLife)
  const [made, setMade] = useState<MadeKey | null>(null)
  const { run, tell, busy, refusal } = useChange(project)
  const originsRefused = refusal?.field?.startsWith('origins') ?? false

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<MadeKey>('make', 'POST', `/projects/${project}/keys`, {
      name: name.trim(),
      scope: 'publish',
      origins: origins.split(/[\s,]+/).filter(Boolean),
      expiresInDays: Number(days),
    })
    if (!answer) return
    setMade(answer)
    tell(`Key “${name.trim()}” made.`, answer.actionId, 'Undone. The key is revoked.')
    setName('')
    setOrigins('')
  }

  return (
    <>
      <form className={styles.form} onSubmit={make} noValidate>
        <KeyLine
          hint="Which product it is for: “Shop”."
          name={name}
          onName={setName}
          days={days}
          onDays={setDays}
          refusal={refusal}
        />
        <TextArea
          label="Pages that may use it"
          hint="One origin a line, exactly as browsers send it: https://shop.example or http://localhost:5173."
          rows={2}
          mono
          required
          spellCheck={false}
          autoComplete="off"
          value={origins}
          error={originsRefused ? refusal?.fieldWords : null}
          onChange={event => setOrigins(event.target.value)}
        />
        {refusal && refusal.field !== 'name' && !originsRefused ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div className={styles.actions}>
          <Button type="submit" busy={busy === 'make'}>
            Make a publishable key
          </Button>
        </div>
      </form>
      {made ? (
        <ShownOnce key={made.id}>
          <CopyField
            label="Publishable key"
            value={made.key}
            hint={`No secret: it lies in your pages, and works from ${made.origins.join(', ')} only.`}
          />
          <CopyField
            label="Signing secret"
            value={made.signingSecret ?? ''}
            hint="Shown once, stored nowhere. Keep it on your server: who has it speaks for everyone. To change it, make a new key."
          />
          <Snippet
            label="In your page"
            code={pageSnippet({ url: location.origin, project, key: made.key, example })}
          />
          <Snippet label="On your server, Node" code={nodeSnippet({ project })} />
          <Snippet label="On your server, Python" code={pythonSnippet({ project })} />
          {integrity ? (
            <CopyField
              label="Integrity of the SDK"
              value={integrity}
              hint="For an import map or a script tag. It changes with each version of Amend; a copy of the file on your server does not."
            />
          ) : null}
        </ShownOnce>
      ) : null}
    </>
  )
}
