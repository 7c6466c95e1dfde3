/** How something stands, as a shape and a colour beside its word: caution is for what works and won’t for long, idle for what waits. */
export type SignState = 'good' | 'bad' | 'caution' | 'idle'
