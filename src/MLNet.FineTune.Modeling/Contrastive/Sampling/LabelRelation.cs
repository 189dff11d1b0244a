namespace MLNet.FineTune.Contrastive;

/// <summary>Which texts are alike: those that share a class.</summary>
internal sealed class LabelRelation
{
    private readonly int[][] _sets;

    private LabelRelation(int[][] sets, int classCount)
    {
        _sets = sets;
        Members = [.. Enumerable.Range(0, classCount).Select(_ => Array.Empty<int>())];
        foreach (var group in sets.SelectMany((set, row) => set.Select(label => (label, row))).GroupBy(pair => pair.label, pair => pair.row))
            Members[group.Key] = [.. group];
        Unlabelled = [.. Enumerable.Range(0, sets.Length).Where(row => sets[row].Length == 0)];
    }

    public int Count => _sets.Length;

    /// <summary>The texts of each class.</summary>
    public int[][] Members { get; }

    /// <summary>Texts without any class; they are like no other.</summary>
    public int[] Unlabelled { get; }

    /// <summary>How many texts are like another.</summary>
    public int WithLike => Members.Where(members => members.Length > 1).SelectMany(members => members).Distinct().Count();

    /// <param name="labels">The class of each text.</param>
    /// <param name="classCount">How many classes there are.</param>
    public static LabelRelation Of(int[] labels, int classCount) => new([.. labels.Select(label => new[] { label })], classCount);

    /// <param name="sets">The classes of each text.</param>
    /// <param name="classCount">How many classes there are.</param>
    public static LabelRelation Of(int[][] sets, int classCount) => new(sets, classCount);

    /// <summary>Whether two texts share a class.</summary>
    public bool Alike(int first, int second) => Share(_sets[first], _sets[second]);

    /// <summary>The relation among some texts, row-major [n, n]; true on the diagonal.</summary>
    public bool[] Alike(int[] rows)
    {
        var alike = new bool[rows.Length * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            alike[i * rows.Length + i] = true;
            for (int j = 0; j < i; j++)
                alike[i * rows.Length + j] = alike[j * rows.Length + i] = Alike(rows[i], rows[j]);
        }
        return alike;
    }

    /// <summary>How many pairs of two texts are alike: counted once, whatever they share.</summary>
    public long AlikePairs()
    {
        // Of texts there may be many; of sets of classes that differ there are few.
        (int[] Set, long Texts)[] kinds = [.. _sets.Where(set => set.Length > 0).GroupBy(set => string.Join(',', set.Order())).Select(group => (group.First(), (long)group.Count()))];
        long alike = kinds.Sum(kind => Pairs(kind.Texts));
        for (int i = 0; i < kinds.Length; i++)
            for (int j = 0; j < i; j++)
                if (Share(kinds[i].Set, kinds[j].Set))
                    alike += kinds[i].Texts * kinds[j].Texts;
        return alike;
    }

    public long AllPairs => Pairs(Count);

    private static bool Share(int[] first, int[] second) => first.AsSpan().IndexOfAny(second) >= 0;

    private static long Pairs(long count) => count * (count - 1) / 2;
}
