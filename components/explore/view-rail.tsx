import { EyeOff, Lock } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { SavedView, SavedViewList, SliceFigures } from '@/contract/v1/explore'
import { readyViews } from '@/domain/explore-words'
import { percent } from '@/domain/percent'
import { Table, Td, Th, Tr } from '../ui/table'
import { type ExplorerAddress, freshHref, isFiltered } from './explorer-address'
import { number, plural, readyWords } from './explorer-words'
import { Sparkline } from './sparkline'
import styles from './view-rail.module.css'

export interface ViewRailProps {
  slug: string
  address: ExplorerAddress
  list: SavedViewList
}

/** Under so many nothing can be said of a rate. */
const tooFew = 30

/** Slices with their rates, views that are always there, and views that somebody saved. */
export function ViewRail({ slug, address, list }: ViewRailProps) {
  const slices = list.views.filter(view => view.kind === 'slice')
  const views = list.views.filter(view => view.kind === 'view')
  const queryOf = (view: SavedView) =>
    Object.fromEntries(Object.entries(view.query).map(([name, value]) => [name, String(value)]))
  const hrefOf = (view: SavedView) =>
    freshHref(slug, view.columns ? { columns: view.columns.join(',') } : address, {
      ...queryOf(view),
      view: view.id,
    })
  return (
    <nav className={styles.rail} aria-label="Slices and views">
      <h2 className={styles.heading}>Slices, accepted in 14 days</h2>
      <ul className={styles.list}>
        <Slice
          name="All feedback"
          href={freshHref(slug, address, {})}
          figures={list.all}
          on={!isFiltered(address) && !address.view}
        />
        {slices.map(view => (
          <Slice
            key={view.id}
            name={view.name}
            href={hrefOf(view)}
            figures={view.figures}
            on={address.view === view.id}
          />
        ))}
      </ul>
      <h2 className={styles.heading}>Ready views</h2>
      <ul className={styles.list}>
        {readyViews.map(name => (
          <Entry
            key={name}
            href={freshHref(slug, address, { show: name })}
            title={readyWords[name].means}
            on={address.show === name && !address.view}
          >
            {readyWords[name].name}
          </Entry>
        ))}
      </ul>
      {views.length > 0 ? (
        <>
          <h2 className={styles.heading}>Saved views</h2>
          <ul className={styles.list}>
            {views.map(view => (
              <Entry key={view.id} href={hrefOf(view)} on={address.view === view.id}>
                {view.name}
                {view.shared ? null : (
                  <span className={styles.own}>
                    <Lock aria-hidden />
                    <span className="visually-hidden">only you see it</span>
                  </span>
                )}
              </Entry>
            ))}
          </ul>
        </>
      ) : null}
    </nav>
  )
}

function Entry({
  href,
  on,
  title,
  children,
}: {
  href: string
  on: boolean
  title?: string
  children: ReactNode
}) {
  return (
    <li>
      <Link
        href={href}
        scroll={false}
        prefetch={false}
        className={styles.entry}
        title={title}
        aria-current={on ? 'page' : undefined}
      >
        {children}
      </Link>
    </li>
  )
}

function Slice({
  name,
  href,
  figures,
  on,
}: {
  name: string
  href: string
  figures: SliceFigures | null
  on: boolean
}) {
  return (
    <li>
      <Link
        href={href}
        scroll={false}
        prefetch={false}
        className={styles.slice}
        aria-current={on ? 'page' : undefined}
      >
        <span className={styles.name}>{name}</span>
        <span className={styles.n}>{figures ? number(figures.n) : ''}</span>
        {figures ? <Rates figures={figures} /> : null}
      </Link>
      {on && figures && figures.n > 0 ? <SliceTable figures={figures} name={name} /> : null}
    </li>
  )
}

/** Acceptance never stands alone: what was corrected, refused and taken back goes with it. */
function Rates({ figures }: { figures: SliceFigures }) {
  const { acceptance, corrected, rejected, undone, blind, counting } = figures
  if (counting) return <span className={styles.words}>being counted</span>
  if (!acceptance || acceptance.n === 0)
    return <span className={styles.words}>nothing decided in these days</span>
  return (
    <>
      <Sparkline
        values={figures.days.map(day => (day.of > 0 ? day.accepted / day.of : null))}
        className={styles.spark}
      />
      {acceptance.n < tooFew ? (
        <span className={styles.few}>too few to tell</span>
      ) : (
        <span className={styles.rate}>{percent(acceptance.value, 0)}</span>
      )}
      <span className={styles.words}>
        {acceptance.n < tooFew
          ? null
          : `${Math.round(acceptance.low * 100)} to ${percent(acceptance.high, 0)} of `}
        {number(acceptance.n)} decided: {number(corrected)} corrected, {number(rejected)} refused
        {undone > 0 ? `, ${number(undone)} undone` : null}
      </span>
      {blind > 0 ? (
        <span className={styles.words}>
          <EyeOff aria-hidden /> {plural(blind, 'shown blind is', 'shown blind are')} not among them
        </span>
      ) : null}
    </>
  )
}

function SliceTable({ figures, name }: { figures: SliceFigures; name: string }) {
  return (
    <details className={styles.table}>
      <summary>By day</summary>
      <Table caption={`${name}, accepted by day`}>
        <thead>
          <tr>
            <Th tight>Day</Th>
            <Th numeric>Accepted</Th>
            <Th numeric>Decided</Th>
          </tr>
        </thead>
        <tbody>
          {figures.days.toReversed().map(({ day, accepted, of }) => (
            <Tr key={day}>
              <Td tight>{day.slice(5)}</Td>
              <Td numeric>{number(accepted)}</Td>
              <Td numeric>{number(of)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </details>
  )
}
