namespace MLNet.FineTune.Prompting;

/// <summary>
/// Chooses a word for each class: the choice whose classes, read off at once, are right for most rows; of several such the most likely one, and of
/// several such the first (Gao et al. 2021, arXiv 2012.15723).
/// </summary>
/// <remarks>All choices are tried where they are few. Otherwise one class after the other takes the best of its words while the others keep theirs, from the most likely words on, until none changes.</remarks>
/// <param name="scores">The logit of each word in each row: [words][rows].</param>
/// <param name="labels">The class of each row.</param>
/// <param name="candidates">The words that each class may take, by their place in <paramref name="scores"/>, the likeliest first.</param>
/// <param name="likelihoods">How likely they are, as <paramref name="candidates"/>.</param>
internal sealed class LabelWordAssignment(float[][] scores, int[] labels, int[][] candidates, double[][] likelihoods)
{
    private const long MostRowsTried = 20_000_000;

    /// <summary>The word of each class, as its place in the scores.</summary>
    /// <exception cref="InvalidOperationException">There are not enough different words.</exception>
    public int[] Find()
    {
        double choices = candidates.Aggregate(1.0, (product, own) => product * own.Length);
        int[] places = choices * Math.Max(labels.Length, 1) * candidates.Length <= MostRowsTried ? TryAll() : Improve(Likeliest());
        return [.. places.Select((place, label) => candidates[label][place])];
    }

    private int[] TryAll()
    {
        int[] places = new int[candidates.Length], best = [];
        (int Right, double Likelihood) highest = (-1, 0);
        do
        {
            if (!Distinct(places) || Rate(places) is var rating && !Better(rating, highest))
                continue;
            (best, highest) = ([.. places], Rate(places));
        }
        while (Next(places));
        return best.Length > 0 ? best : throw TooFew();
    }

    private bool Next(int[] places)
    {
        for (int label = places.Length - 1; label >= 0; label--)
        {
            if (++places[label] < candidates[label].Length)
                return true;
            places[label] = 0;
        }
        return false;
    }

    /// <summary>The likeliest word of each class that no class before has taken.</summary>
    private int[] Likeliest()
    {
        var taken = new HashSet<int>();
        // A class with fewer words chooses earlier.
        var places = new int[candidates.Length];
        foreach (int label in Enumerable.Range(0, places.Length).OrderBy(label => candidates[label].Length))
        {
            places[label] = Array.FindIndex(candidates[label], taken.Add);
            if (places[label] < 0)
                throw TooFew();
        }
        return places;
    }

    private int[] Improve(int[] places)
    {
        (int Right, double Likelihood) highest = Rate(places);
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int label = 0; label < places.Length; label++)
            {
                int best = places[label];
                for (int place = 0; place < candidates[label].Length; place++)
                {
                    places[label] = place;
                    if (Distinct(places) && Rate(places) is var rating && Better(rating, highest))
                        (best, highest, changed) = (place, rating, true);
                }
                places[label] = best;
            }
        }
        return places;
    }

    private bool Distinct(int[] places) => places.Select((place, label) => candidates[label][place]).Distinct().Count() == places.Length;

    private static bool Better((int Right, double Likelihood) one, (int Right, double Likelihood) other) =>
        one.Right > other.Right || (one.Right == other.Right && one.Likelihood > other.Likelihood);

    /// <summary>How many rows are right, with no other class as high as theirs, and how likely all words are together.</summary>
    private (int Right, double Likelihood) Rate(int[] places)
    {
        int right = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            float own = scores[candidates[labels[row]][places[labels[row]]]][row];
            bool first = true;
            for (int label = 0; label < places.Length && first; label++)
                first = label == labels[row] || scores[candidates[label][places[label]]][row] < own;
            right += first ? 1 : 0;
        }
        double likelihood = 0;
        for (int label = 0; label < places.Length; label++)
            likelihood += likelihoods[label][places[label]];
        return (right, likelihood);
    }

    private static InvalidOperationException TooFew() =>
        new($"The vocabulary has not enough words for all classes; raise {nameof(ClozePrompt)}.{nameof(ClozePrompt.LabelWordCandidates)} or give {nameof(ClozePrompt)}.{nameof(ClozePrompt.LabelWords)}.");
}
