import { Tail } from 'tail'

// A plain user's reader: follows the given files by their live paths, and copies each line to standard output.

for (const path of process.argv.slice(2)) {
  const tail = new Tail(path, { fromBeginning: true })
  tail.on('line', (line) => process.stdout.write(`${line}\n`))
  tail.on('error', (error) => process.stderr.write(`${error}\n`))
}
