namespace MLNet.FineTune.SelfTraining;

/// <summary>
/// Tells when self-training feeds on its own mistakes: nothing is kept, a class that had 5 % of the kept labels in the round before has none now, or one class
/// has more than 95 % of them that had not before. In the first round only the last is compared with the labels that were given: a threshold may well keep none
/// of a hard class at first.
/// </summary>
/// <param name="given">Given labels of each class.</param>
/// <param name="names">What the classes are called; null for their numbers.</param>
internal sealed class CollapseAlarm(int[] given, IReadOnlyList<string>? names = null)
{
    private const double Present = 0.05;
    private const double Dominant = 0.95;

    private int[] _before = given;
    private bool _first = true;

    /// <summary>How far the shares of the classes have moved since the round before, or from the labels that were given: half the sum of the differences, 0 to 1.</summary>
    public double Drift { get; private set; }

    /// <summary>What the next round is compared with, whether that is the first, and <see cref="Drift"/>.</summary>
    public (int[] Before, bool First, double Drift) State
    {
        get => (_before, _first, Drift);
        set => (_before, _first, Drift) = value;
    }

    /// <summary>Looks at the labels kept in a round, by class.</summary>
    /// <returns>What is wrong with them; null for nothing.</returns>
    public string? Check(int[] kept)
    {
        Drift = Distance(_before, kept);
        if (Find(kept) is { } collapse)
            return collapse;
        (_before, _first) = (kept, false);
        return null;
    }

    private static double Distance(int[] before, int[] now)
    {
        double past = before.Sum(), present = now.Sum();
        return past == 0 || present == 0 ? 1 : before.Zip(now, (a, b) => Math.Abs(a / past - b / present)).Sum() / 2;
    }

    private string? Find(int[] kept)
    {
        if (kept.Sum() == 0)
            return "no label is certain enough to be kept";
        double before = _before.Sum(), now = kept.Sum();
        for (int label = 0; label < kept.Length; label++)
        {
            double past = _before[label] / before, share = kept[label] / now;
            if (!_first && past >= Present && share == 0)
                return FormattableString.Invariant($"{Name(label, kept.Length)}, with {past:P0} of the labels kept before, has none now");
            if (share > Dominant && past <= Dominant)
                return FormattableString.Invariant($"{Name(label, kept.Length)} has {share:P0} of the kept labels, where it had {past:P0} before");
        }
        return null;
    }

    private string Name(int label, int classes) => names is null ? FormattableString.Invariant($"class {label + 1} of {classes}") : $"class '{names[label]}'";
}
