'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import type { NewProjectAnswer } from '@/contract/v1/projects'
import { proposeSlug } from '@/domain/project-slug'
import { ApiError, createClient } from '@/sdk/client'
import styles from './new.module.css'
import { type Start, starts } from './starts'

const client = createClient()

export function NewProjectForm({ tasks }: { tasks: { id: string; label: string }[] }) {
  const router = useRouter()
  const [name, setName] = useState('')
  /** Null while it follows the name. */
  const [slug, setSlug] = useState<string | null>(null)
  const [task, setTask] = useState(tasks[0]?.id ?? '')
  const [start, setStart] = useState<Start>('data')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const shownSlug = slug ?? (name.trim() ? proposeSlug(name) : '')
  const errorOf = (field: string) => (refusal?.field === field ? refusal.fieldWords : null)

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setRefusal(null)
    try {
      const made = await client.request<NewProjectAnswer>('POST', '/projects', {
        name: name.trim(),
        ...(slug ? { slug: slug.trim() } : {}),
        taskType: task,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      })
      router.push(`/new?project=${made.slug}&start=${start}`)
    } catch (error) {
      setBusy(false)
      setRefusal(
        error instanceof ApiError
          ? error
          : new ApiError({
              status: 0,
              code: 'page_failed',
              detail: 'That didn’t work. Nothing was made; try again.',
            }),
      )
    }
  }

  return (
    <form className={styles.form} onSubmit={make} noValidate>
      <h1>New project</h1>
      <TextField
        label="Name"
        required
        maxLength={100}
        value={name}
        error={refusal?.field === 'name' ? 'Give the project a name.' : null}
        onChange={event => setName(event.target.value)}
      />
      <TextField
        label="Address"
        mono
        maxLength={60}
        autoComplete="off"
        spellCheck={false}
        hint={`Part of every address, for good: /p/${shownSlug || 'name'}`}
        value={shownSlug}
        error={errorOf('slug')}
        onChange={event => setSlug(event.target.value || null)}
      />
      {tasks.length > 1 ? (
        <fieldset className={styles.choices}>
          <legend>What is suggested</legend>
          {tasks.map(one => (
            <label key={one.id} className={styles.choice}>
              <input
                type="radio"
                name="task"
                value={one.id}
                checked={task === one.id}
                onChange={() => setTask(one.id)}
              />
              <span>{one.label}</span>
            </label>
          ))}
        </fieldset>
      ) : null}
      <fieldset className={styles.choices}>
        <legend>What you have</legend>
        {(Object.keys(starts) as Start[]).map(one => (
          <label key={one} className={styles.choice}>
            <input
              type="radio"
              name="start"
              value={one}
              checked={start === one}
              onChange={() => setStart(one)}
            />
            <span>{starts[one].label}</span>
            <span>{starts[one].means}</span>
          </label>
        ))}
      </fieldset>
      {refusal && !['name', 'slug'].includes(refusal.field ?? '') ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div>
        <Button type="submit" kind="primary" size="large" busy={busy}>
          Make the project
        </Button>
      </div>
    </form>
  )
}
