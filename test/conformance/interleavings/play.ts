/**
 * Plays one run: two clients, a server that is the pure core, two groups, and a list of choices that say what happens
 * next and to whom.
 *
 * @module
 */
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { Surrounding } from "../core_server.ts";
import { Violation } from "./ledger.ts";
import { ORDER_TIMEOUT, Player, type Stage } from "./player.ts";
import type { Plot } from "./plot.ts";
import { Random } from "./random.ts";
import { service, type World, write } from "./world.ts";

/** Plays a run. Returns the violation, if any; what happened goes to `log`. */
export function play(plot: Plot, world: World, log?: string[]): string | undefined {
  try {
    new Run(plot, world, log).play();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error.message;
    return error instanceof Error ? error.stack ?? error.message : String(error);
  }
}

/** What the nodes of a group get. */
interface Group {
  readonly name: string;
  snapshot: Snapshot | undefined;
  readonly history: Snapshot[];
}

/** Waits that may follow from each other. */
const WAITS = 5;
/** Of one wait: a client that does not read is looked at again and again while something of it expires. */
const MOST_WAKES = 400;

class Run {
  readonly #stage: Stage;
  readonly #groups: readonly [Group, Group];
  /** Each client and where its node is. */
  readonly #seats: readonly { readonly player: Player; group: Group }[];

  constructor(readonly plot: Plot, readonly world: World, log: string[] | undefined) {
    this.#stage = {
      now: 1_000,
      surrounding: new Surrounding(),
      labelled: plot.traits.labelled,
      note: log === undefined ? () => {} : (text) => void log.push(text()),
    };
    this.#groups = [{ name: "one", snapshot: undefined, history: [] }, {
      name: "two",
      snapshot: undefined,
      history: [],
    }];
    const [first] = this.#groups;
    this.#seats = plot.roles.map((role, i) => ({ player: new Player(`n${i + 1}`, role, this.#stage), group: first }));
  }

  play(): void {
    const { choices, empty, first } = this.plot;
    for (const [i, group] of this.#groups.entries()) {
      if (!empty) {
        this.#serve(group, this.world.snapshot(new Random(first + i), undefined, this.plot.traits), "the first");
      }
    }
    for (const { player } of this.#seats) player.connect();
    for (const choice of choices) this.#choose(new Random(choice));
    this.#end();
  }

  /** From here on everything goes well for those who can hear: they must end with exactly what there is. */
  #end(): void {
    this.#stage.note(() => "-- from here on everything goes well");
    for (const group of this.#groups) {
      if (group.snapshot === undefined) {
        this.#serve(group, this.world.snapshot(new Random(1), undefined, this.plot.traits), "the first");
      }
    }
    if (this.#seats.some(({ player }) => player.rejected)) {
      // What was rejected is not sent again by itself. All of it changes, and then it is as it was.
      const before = this.#groups.map((group) => group.snapshot);
      for (const group of this.#groups) this.#serve(group, this.world.renewed(), "all new");
      this.#settle();
      for (const [i, group] of this.#groups.entries()) {
        this.#serve(group, before[i] ?? this.world.renewed(), "as before");
      }
    }
    this.#settle();
    for (const { player } of this.#seats) {
      const wrong = player.silent ? [] : player.compare();
      if (wrong.length > 0) throw new Violation(`at the end of ${player.name} ${wrong.join(", ")}`);
    }
  }

  #choose(random: Random): void {
    const seat = this.#seats[random.below(2)];
    if (seat === undefined) return;
    const { player, group } = seat;
    const { rejects, breaks, pokes, moves, falls } = player.role;
    if (player.silent) {
      // The other one has its turn when a silent one does nothing; snapshots and time go on for both.
      if (falls === "mute") player.ignore();
    } else if (!player.connected) return player.connect();
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return player.silent ? undefined : player.deliver();
      case 4:
      case 5:
      case 6:
      case 7:
        return player.silent ? undefined : player.read(rejects && random.oneIn(3) ? random : undefined);
      case 8:
      case 9:
        return this.#serve(group, this.world.snapshot(random, group.snapshot, this.plot.traits), "another");
      case 10: {
        const earlier = group.history[random.below(group.history.length)];
        return earlier === undefined ? undefined : this.#serve(group, earlier, "an earlier one");
      }
      case 11:
        if (player.silent) return;
        return pokes ? player.poke(random) : player.deliver();
      case 12:
        if (this.plot.slow) return this.#pass(1 + random.below(random.pick([1_000, 20_000])));
        return player.silent ? undefined : player.deliver();
      case 13:
        if (breaks && random.oneIn(2)) return this.#disconnect(player, random);
        if (moves && random.oneIn(2)) return this.#move(seat);
        if (falls !== undefined && random.oneIn(2)) {
          player.note(() => "falls silent");
          player.silent = true;
          return;
        }
        return player.silent ? undefined : player.read(undefined);
    }
  }

  /** Everything is delivered and read and acknowledged, and every wait comes to its end. */
  #settle(): void {
    for (let waits = 0; waits < WAITS; waits++) {
      for (const { player } of this.#seats) {
        if (!player.silent && !player.connected) player.connect();
        for (let i = 0; player.busy; i++) {
          if (i > 200) throw new Violation(`${player.name} never comes to rest`);
          player.deliver();
          player.read(undefined);
        }
      }
      this.#pass(ORDER_TIMEOUT);
      if (this.#seats.every(({ player }) => player.atRest)) return;
    }
  }

  #serve(group: Group, snapshot: Snapshot, which: string): void {
    this.#stage.note(() => `group ${group.name} has ${which}: ${writeSnapshot(snapshot)}`);
    group.snapshot = snapshot;
    group.history.push(snapshot);
    this.#stage.surrounding.learn(snapshot);
    for (const { player, group: of } of this.#seats) if (of === group) player.serve(snapshot);
  }

  #move(seat: { readonly player: Player; group: Group }): void {
    const [one, two] = this.#groups;
    seat.group = seat.group === one ? two : one;
    seat.player.note(() => `moves to group ${seat.group.name}`);
    seat.player.serve(seat.group.snapshot);
  }

  #disconnect(player: Player, random: Random): void {
    const everyone = random.oneIn(3) && !this.plot.roles.some(({ rejects }) => rejects);
    if (!everyone) return player.disconnect();
    // A server that starts again knows nothing of before. Where something was rejected that would be a loss.
    this.#stage.note(() => "the server restarts");
    for (const { player } of this.#seats) {
      player.disconnect();
      player.forgotten();
    }
    this.#stage.surrounding = new Surrounding();
    for (const { snapshot } of this.#groups) if (snapshot !== undefined) this.#stage.surrounding.learn(snapshot);
  }

  #pass(ms: number): void {
    const stage = this.#stage;
    stage.note(() => `${ms} ms pass`);
    const end = stage.now + ms;
    for (const { player } of this.#seats) player.disorderly = true;
    for (let wakes = 0;; wakes++) {
      if (wakes > MOST_WAKES) throw new Violation("it wakes and wakes");
      let next: Player | undefined;
      for (const { player } of this.#seats) {
        const at = player.wakesBy(end);
        if (at !== undefined && at < (next?.wakesBy(end) ?? Infinity)) next = player;
      }
      const at = next?.wakesBy(end);
      if (next === undefined || at === undefined) break;
      stage.now = Math.max(stage.now, at);
      next.wake();
    }
    stage.now = end;
    for (const { player } of this.#seats) player.tick();
  }
}

function writeSnapshot(snapshot: Snapshot): string {
  return [...snapshot.sets].map((set) => `${service(set.type)} [${[...set].map(write).join(" ")}]`).join(" ");
}
