namespace MLNet.FineTune.Training;

/// <summary>Sets rows with several labels aside so that each label keeps its share on both sides (iterative stratification, Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of Multi-Label Data").</summary>
internal static class LabelSetSplit
{
    /// <summary>Draws the rows to hold out; the same arguments give the same split.</summary>
    /// <param name="sets">The labels of each row.</param>
    /// <param name="fraction">The share to hold out, above 0 and below 1; at least one row is held out and one kept.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers of both sides, ascending.</returns>
    /// <exception cref="ArgumentException">There are fewer than two rows.</exception>
    public static (int[] Train, int[] HeldOut) Create(int[][] sets, double fraction, int seed)
    {
        if (!(fraction is > 0 and < 1))
            throw new ArgumentException(FormattableString.Invariant($"The fraction to hold out is {fraction}; expected above 0 and below 1."), nameof(fraction));
        if (sets.Length < 2)
            throw new ArgumentException($"{sets.Length} rows cannot be split into training and validation rows; add rows, give a validation set of your own, or set ValidationFraction = 0.", nameof(sets));

        int labels = sets.SelectMany(set => set).DefaultIfEmpty(-1).Max() + 1;
        double held = Math.Clamp(Math.Round(sets.Length * fraction), 1, sets.Length - 1);
        var counts = new int[labels];
        foreach (int label in sets.SelectMany(set => set))
            counts[label]++;
        // How many rows, and how many of each label, the two sides still want.
        double[] wanted = [sets.Length - held, held];
        double[][] wantedOf = [[.. counts.Select(count => count * (1 - fraction))], [.. counts.Select(count => count * fraction)]];

        int[] shuffled = [.. Enumerable.Range(0, sets.Length)];
        SeededRandom.Create(seed, 0).Shuffle(shuffled);
        var rest = new HashSet<int>(shuffled);
        List<int>[] sides = [[], []];
        while (rest.Count > 0)
        {
            int[] open = [.. Enumerable.Range(0, labels).Where(label => counts[label] > 0)];
            int rarest = open.Length == 0 ? -1 : open.MinBy(label => counts[label]);
            foreach (int row in shuffled.Where(row => rest.Contains(row) && (rarest < 0 || sets[row].Contains(rarest))).ToList())
            {
                int side = Side(rarest);
                sides[side].Add(row);
                rest.Remove(row);
                wanted[side]--;
                foreach (int label in sets[row])
                {
                    counts[label]--;
                    wantedOf[side][label]--;
                }
            }
        }
        return ([.. sides[0].Order()], [.. sides[1].Order()]);

        int Side(int label)
        {
            if (wanted[0] < 1)
                return 1;
            if (wanted[1] < 1)
                return 0;
            double difference = label < 0 ? 0 : wantedOf[1][label] - wantedOf[0][label];
            return difference != 0 ? difference > 0 ? 1 : 0 : wanted[1] > wanted[0] ? 1 : 0;
        }
    }
}
