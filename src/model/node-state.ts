/** What a node says of itself: `cordoned` takes no new pods; `going` is about to be shut down or deleted. */
export type NodeState = 'cordoned' | 'going'
