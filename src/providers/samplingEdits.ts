import type { BodyChange } from './bodyEdits.ts';

/** OpenAI's range goes up to 2. */
export function clampTemperature(most: number): BodyChange {
  return {
    change: `\`temperature\` is clamped to 0 to ${most}.`,
    edit: (body) => {
      const { temperature } = body;
      if (typeof temperature !== 'number' || (temperature >= 0 && temperature <= most)) return body;
      return { ...body, temperature: temperature > most ? most : 0 };
    },
  };
}

/** The first of them count: clients write the most important ones first. */
export function capStops(most: number): BodyChange {
  return {
    change: `Of more than ${most} stop sequences, the first ${most} stay.`,
    edit: (body) => {
      const { stop } = body;
      return Array.isArray(stop) && stop.length > most ? { ...body, stop: stop.slice(0, most) } : body;
    },
  };
}
