'use client'
import { PenLine } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import type { DemandPage, KnownOutcome } from '@/contract/v1/demand'
import type { RecordOutcomesAnswer } from '@/contract/v1/outcomes'
import { timeWords } from '@/domain/series'
import { useChange } from '../shell/use-change'
import { Button, ButtonLink } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { IconButton } from '../ui/icon-button'
import { RelativeTime } from '../ui/relative-time'
import { SelectField } from '../ui/select-field'
import { Table, Td, Th, Tr } from '../ui/table'
import { TextField } from '../ui/text-field'
import { numberWords } from './demand-words'
import { readNumber } from './demand-work'
import styles from './true-values.module.css'

interface Props {
  slug: string
  page: DemandPage
  known: readonly KnownOutcome[]
  importHref: string | null
}

const shownFirst = 7

/** What really came, for those who may say so: entered, corrected, and taken back as any other act. */
export function TrueValues({ slug, page, known, importHref }: Props) {
  const { run, tell, busy, refusal } = useChange(slug)
  const [periodId, setPeriodId] = useState('')
  const [text, setText] = useState('')
  const [told, setTold] = useState<string | null>(null)
  const [all, setAll] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const open = page.periods.map(({ id, time }) => ({ id, time, value: null }))
  const choices = [...open.slice(0, shownFirst), ...known]
  const chosen = choices.find(one => one.id === periodId) ?? choices[0] ?? null
  const value = readNumber(text)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (!chosen) return
    if (value === null) {
      setTold('Write a number without separators, such as 1234.5.')
      field.current?.focus()
      return
    }
    const answer = await run<RecordOutcomesAnswer>('outcome', 'POST', `/projects/${slug}/outcomes`, {
      outcomes: [{ itemId: chosen.id, value }],
    })
    const outcome = answer?.outcomes[0]
    if (!outcome) return
    if (outcome.status === 'refused') {
      setTold(outcome.detail ?? 'That value was not taken.')
      return
    }
    setTold(null)
    setText('')
    setPeriodId('')
    const day = timeWords(chosen.time)
    tell(
      outcome.status === 'known'
        ? `${day} has this value already.`
        : outcome.status === 'corrected'
          ? `${day} corrected to ${numberWords(value)}.`
          : `${day} came to ${numberWords(value)}.`,
      answer.actionId,
      `Undone. ${day} is as before.`,
    )
  }
  const correct = (one: KnownOutcome) => {
    setPeriodId(one.id)
    setText(String(one.value))
    setTold(null)
    requestAnimationFrame(() => field.current?.select())
  }
  return (
    <section className={styles.section} aria-labelledby="true-values">
      <h2 id="true-values">True values</h2>
      <p className={styles.quiet}>
        What really came settles who was right. A value can be corrected and taken back; dataset versions that
        hold another one are marked as overtaken.
      </p>
      <form className={styles.form} onSubmit={save} noValidate>
        <SelectField
          label="Period"
          value={chosen?.id ?? ''}
          options={choices.map(one => ({
            value: one.id,
            label:
              one.value === null ? timeWords(one.time) : `${timeWords(one.time)}: ${numberWords(one.value)}`,
          }))}
          onChange={event => {
            setPeriodId(event.target.value)
            setTold(null)
          }}
        />
        <TextField
          ref={field}
          label={page.unit ? `Came to, in ${page.unit}` : 'Came to'}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          error={told ?? undefined}
          onChange={event => {
            setText(event.target.value)
            setTold(null)
          }}
        />
        <Button type="submit" busy={busy === 'outcome'}>
          {chosen && chosen.value !== null ? 'Correct it' : 'Enter it'}
        </Button>
        {importHref ? (
          <ButtonLink kind="quiet" href={importHref}>
            Many at once: bring a file
          </ButtonLink>
        ) : null}
      </form>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      {known.length > 0 ? (
        <Table caption="What is known, newest first">
          <thead>
            <tr>
              <Th>Period</Th>
              <Th numeric>Came to</Th>
              <Th>Said by</Th>
              <Th>When</Th>
              <Th>Correct</Th>
            </tr>
          </thead>
          <tbody>
            {known.slice(0, all ? known.length : shownFirst).map(one => (
              <Tr key={one.id}>
                <Td>{timeWords(one.time)}</Td>
                <Td numeric>{numberWords(one.value)}</Td>
                <Td>
                  {byWords(one)}
                  {one.corrected > 0
                    ? `, corrected ${one.corrected === 1 ? 'once' : `${one.corrected} times`}`
                    : ''}
                </Td>
                <Td>
                  <RelativeTime at={one.at} />
                </Td>
                <Td>
                  <IconButton
                    label={`Correct ${timeWords(one.time)}`}
                    icon={<PenLine />}
                    onClick={() => correct(one)}
                  />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      {known.length > shownFirst ? (
        <Button size="small" kind="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show the newest alone' : `Show all ${known.length}`}
        </Button>
      ) : null}
    </section>
  )
}

function byWords({ by, source }: KnownOutcome): string {
  const who = by === null ? null : by.me ? 'you' : (by.name ?? 'somebody who is gone')
  if (source === 'import') return who ? `${who}, in a file` : 'a file'
  return who ?? 'a machine'
}
