import { useRouter } from 'next/navigation'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { SavedViewAnswer } from '@/contract/v1/explore'
import { type ExploreColumn, exploreColumns, usualColumns } from '@/domain/explore-words'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { CopyField } from '../ui/copy-field'
import { ErrorNote } from '../ui/error-note'
import { TextField } from '../ui/text-field'
import { changedHref, type ExplorerAddress, filterOf, freshHref, sameFilter } from './explorer-address'
import type { ViewToolProps } from './explorer-props'
import { columnNames } from './explorer-words'
import styles from './view-tools.module.css'

export function ViewToolForm(props: ViewToolProps) {
  const { tool, onLeave } = props
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves the form, as its last button does.
    <div
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        event.preventDefault()
        onLeave()
      }}
    >
      {tool === 'columns' ? (
        <ChooseColumns {...props} />
      ) : tool === 'change' ? (
        <ChangeView {...props} />
      ) : (
        <SaveView {...props} />
      )}
    </div>
  )
}

/** What a view keeps: the filter and the order. Its columns are kept beside it. */
const queryOf = (address: ExplorerAddress) => ({
  ...Object.fromEntries(
    Object.entries(filterOf(address)).map(([name, value]) => [
      name,
      /^(confidence|edit)(From|To)$/.test(name) ? Number(value) : value,
    ]),
  ),
  ...(address.order ? { order: address.order } : {}),
})

function SaveView({ slug, address, columns, filtered, onLeave }: ViewToolProps) {
  const router = useRouter()
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const name = useRef<HTMLInputElement>(null)
  const [shared, setShared] = useState(true)
  const [empty, setEmpty] = useState(false)
  useEffect(() => name.current?.focus(), [])
  const save = async (kind: 'slice' | 'view') => {
    const given = name.current?.value.trim() ?? ''
    setEmpty(!given)
    if (!given) return name.current?.focus()
    const made = await run<SavedViewAnswer>(kind, 'POST', `/projects/${slug}/views`, {
      name: given,
      kind,
      query: queryOf(address),
      columns: address.columns ? columns : null,
      shared: kind === 'slice' || shared,
    })
    if (!made) return
    tell(
      kind === 'slice'
        ? `Saved the slice “${made.name}”. Its rates are being counted.`
        : `Saved the view “${made.name}”.`,
      made.actionId,
      'Undone. It is archived.',
    )
    router.push(changedHref(slug, address, { view: made.id }), { scroll: false })
    onLeave()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void save(filtered ? 'slice' : 'view')
  }
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <TextField
        ref={name}
        label="Name"
        maxLength={80}
        autoComplete="off"
        error={empty ? 'Give it a name.' : errorOf('name')}
      />
      <Checkbox
        label="Everybody sees the view"
        hint="Else you alone do. Slices are always shared."
        checked={shared}
        onChange={setShared}
      />
      <div className={styles.ends}>
        <Button
          type="submit"
          kind="primary"
          size="small"
          busy={busy === 'slice'}
          disabledReason={filtered ? null : 'A slice needs a filter. Set one first.'}
          onClick={event => {
            event.preventDefault()
            void save('slice')
          }}
        >
          Save as slice
        </Button>
        <Button size="small" busy={busy === 'view'} onClick={() => void save('view')}>
          Save as view
        </Button>
        <Button size="small" kind="quiet" onClick={onLeave}>
          Cancel
        </Button>
      </div>
      <p className={styles.quiet}>
        A slice is followed by its rate of acceptance; a view only brings you back here.
      </p>
      {refusal && !errorOf('name') ? (
        <ErrorNote title="It was not saved." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </form>
  )
}

function ChangeView({ slug, address, columns, view, onLeave }: ViewToolProps) {
  const router = useRouter()
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const name = useRef<HTMLInputElement>(null)
  useEffect(() => name.current?.focus(), [])
  if (!view) return null
  const differs =
    !sameFilter(address, view.query) ||
    (address.order ?? '') !== String(view.query.order ?? '') ||
    (view.columns ?? usualColumns).join() !== columns.join()
  const change = async (what: string, body: Record<string, unknown>, said: string) => {
    const done = await run<SavedViewAnswer>(what, 'PATCH', `/projects/${slug}/views/${view.id}`, body)
    if (!done) return null
    tell(said, done.actionId, 'Undone. It is as it was.')
    onLeave()
    return done
  }
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        const given = name.current?.value.trim() ?? ''
        if (given) void change('name', { name: given }, `Renamed to “${given}”.`)
      }}
    >
      <TextField
        ref={name}
        label="Name"
        defaultValue={view.name}
        maxLength={80}
        autoComplete="off"
        error={errorOf('name')}
      />
      <CopyField
        label="Its address"
        value={
          typeof window === 'undefined' ? '' : `${window.location.origin}/p/${slug}/feedback?view=${view.id}`
        }
        hint={
          view.shared ? 'For everybody who may study feedback here.' : 'For you alone, until you share it.'
        }
      />
      <div className={styles.ends}>
        <Button type="submit" size="small" busy={busy === 'name'}>
          Rename
        </Button>
        <Button
          size="small"
          busy={busy === 'query'}
          disabledReason={differs ? null : 'It is saved as you see it.'}
          onClick={() =>
            void change(
              'query',
              { query: queryOf(address), columns: address.columns ? columns : null },
              `“${view.name}” is now what you see.`,
            )
          }
        >
          Save this filter into it
        </Button>
        {view.kind === 'view' && view.mine ? (
          <Button
            size="small"
            busy={busy === 'shared'}
            onClick={() =>
              void change(
                'shared',
                { shared: !view.shared },
                view.shared ? 'You alone see it now.' : 'Everybody who may study feedback sees it now.',
              )
            }
          >
            {view.shared ? 'Keep to myself' : 'Share with everybody'}
          </Button>
        ) : null}
        <Button
          size="small"
          busy={busy === 'archived'}
          onClick={() =>
            void change(
              'archived',
              { archived: !view.archived },
              view.archived ? `“${view.name}” is in the list again.` : `Archived “${view.name}”.`,
            ).then(done => {
              if (done?.archived) router.push(freshHref(slug, address, filterOf(address)), { scroll: false })
            })
          }
        >
          {view.archived ? 'Bring back' : 'Archive'}
        </Button>
        <Button size="small" kind="quiet" onClick={onLeave}>
          Close
        </Button>
      </div>
      {refusal && !errorOf('name') ? (
        <ErrorNote title="Nothing was changed." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </form>
  )
}

function ChooseColumns({ slug, address, columns: drawn, onLeave }: ViewToolProps) {
  const router = useRouter()
  /** Told at once; the table follows when the server has drawn it. */
  const [columns, setColumns] = useState(drawn)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  const choose = (next: readonly ExploreColumn[]) => {
    setColumns(next)
    router.push(
      changedHref(slug, address, {
        columns: next.join() === usualColumns.join() ? undefined : next.join(',') || 'none',
      }),
      { scroll: false },
    )
  }
  return (
    <form ref={form} className={styles.form} onSubmit={event => event.preventDefault()}>
      <fieldset>
        <legend>Columns beside what was shown and kept</legend>
        {exploreColumns.map(column => (
          <Checkbox
            key={column}
            label={columnNames[column]}
            checked={columns.includes(column)}
            onChange={on =>
              choose(exploreColumns.filter(one => (one === column ? on : columns.includes(one))))
            }
          />
        ))}
      </fieldset>
      <div className={styles.ends}>
        <Button size="small" onClick={() => choose(usualColumns)}>
          The usual ones
        </Button>
        <Button size="small" kind="quiet" onClick={onLeave}>
          Close
        </Button>
      </div>
    </form>
  )
}
