using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MLNet.FineTune.Pretraining;

/// <summary>Rows chosen from a data view.</summary>
/// <param name="Rows">Their places in the view, from zero, ascending.</param>
/// <param name="Similarities">How similar each is to what it was chosen for; NaN where it was drawn at random.</param>
internal sealed record SelectedRows(long[] Rows, float[] Similarities)
{
    /// <summary>Brings candidates into the order of the view, each row and each text once: of rows with the same text the first.</summary>
    /// <param name="candidates">Row, similarity and <see cref="Key"/> of the text; a row may come several times, its best similarity counts.</param>
    public static SelectedRows From(IEnumerable<(long Row, float Similarity, ulong Text)> candidates)
    {
        var rows = new List<long>();
        var similarities = new List<float>();
        var texts = new HashSet<ulong>();
        foreach (var row in candidates.GroupBy(candidate => candidate.Row).OrderBy(row => row.Key))
            if (texts.Add(row.First().Text))
            {
                rows.Add(row.Key);
                similarities.Add(row.Max(candidate => candidate.Similarity));
            }
        return new SelectedRows([.. rows], [.. similarities]);
    }

    /// <summary>Stands for a text where the text itself would take too much memory.</summary>
    public static ulong Key(string text) => MemoryMarshal.Read<ulong>(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));

    /// <summary>Of all rows of the view, the chosen ones.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> all)
    {
        long row = 0;
        int next = 0;
        foreach (T item in all)
        {
            if (next == Rows.Length)
                yield break;
            if (row++ != Rows[next])
                continue;
            next++;
            yield return item;
        }
    }
}
