/** Divides a total: who asks for less than an equal share gets that, and the others share the rest equally. */
export function fairShares(total: number, asked: readonly number[]): number[] {
  const shares = asked.map(() => 0)
  const byAsked = asked.map((amount, index) => ({ amount, index })).sort((a, b) => a.amount - b.amount)
  let left = total
  byAsked.forEach(({ amount, index }, place) => {
    const share = Math.min(amount, left / (byAsked.length - place))
    shares[index] = share
    left -= share
  })
  return shares
}
