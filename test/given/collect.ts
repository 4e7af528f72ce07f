/** Everything that an iterable yields. */
export async function collect<T>(iterable: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

/** Every item of a list, page by page. */
export async function pagesOf<T>(
  read: (next: { cursor?: string }) => Promise<{ items: T[]; cursor?: string }>,
): Promise<T[]> {
  const items: T[] = []
  let page = await read({})
  items.push(...page.items)
  while (page.cursor !== undefined) {
    page = await read({ cursor: page.cursor })
    items.push(...page.items)
  }
  return items
}

export function idsOf(items: Iterable<{ id: string }>): string[] {
  return Array.from(items, ({ id }) => id)
}
