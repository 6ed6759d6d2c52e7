import { changedHref, type ExplorerAddress, isFiltered } from '@/components/explore/explorer-address'
import { feedbackHref } from '@/components/study/feedback-address'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import type { FeedbackPageBothWays } from '@/server/list-feedback'
import type { UsePage } from '@/tasks/task-type'

/** What is true of an empty list, and what to do next. */
export function NothingHere({
  slug,
  address,
  usePage,
  mayConnect,
  demo,
}: {
  slug: string
  address: ExplorerAddress
  usePage: UsePage | null
  mayConnect: boolean
  demo: boolean
}) {
  // Nothing is simulated outside of a demo.
  const withSimulated =
    address.simulated || !demo ? null : (
      <ButtonLink href={changedHref(slug, address, { simulated: 'include' })}>
        Include simulated rows
      </ButtonLink>
    )
  if (isFiltered(address)) {
    return (
      <EmptyState
        title="Nothing fits this filter."
        action={
          <>
            <ButtonLink href={feedbackHref(slug, {})}>Show everything</ButtonLink>
            {withSimulated}
          </>
        }
      >
        Take one of its parts away, or look at other days.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No feedback yet."
      action={
        <>
          {mayConnect && !demo ? (
            <ButtonLink kind="primary" href={`/new?project=${slug}&start=app`}>
              Send the first event
            </ButtonLink>
          ) : null}
          {withSimulated}
          {usePage ? <ButtonLink href={`/p/${slug}/${usePage}`}>To the {usePage}</ButtonLink> : null}
        </>
      }
    >
      A row appears here with the first suggestion that somebody is shown.{' '}
      {demo
        ? 'What a simulation made is left out unless you ask for it.'
        : mayConnect
          ? 'A request that works as it stands is ready for your app.'
          : 'An owner connects the app that asks for them.'}
    </EmptyState>
  )
}

/** Nobody was shown anything yet: no filter is why nothing is listed. */
export function isUntouched(
  page: FeedbackPageBothWays,
  counted: number,
  address: ExplorerAddress,
  cursor: string | undefined,
): boolean {
  const listed = page.rows.length > 0 || page.nextCursor !== null || cursor !== undefined
  return !listed && counted === 0 && !isFiltered(address)
}
