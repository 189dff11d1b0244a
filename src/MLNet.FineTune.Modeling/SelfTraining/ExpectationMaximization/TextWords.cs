using MLNet.FineTune.Models;

namespace MLNet.FineTune.SelfTraining;

/// <summary>The distinct tokens of texts, numbered from zero; those that all texts have are left out.</summary>
internal sealed class TextWords
{
    private readonly Dictionary<int, int> _numbers;

    /// <param name="texts">All texts that count.</param>
    public TextWords(params ReadOnlySpan<TextBatches> texts)
    {
        var counts = new Dictionary<int, int>();
        int rows = 0;
        foreach (TextBatches batches in texts)
        {
            rows += batches.Count;
            for (int row = 0; row < batches.Count; row++)
                foreach (int id in batches[row].Ids.Distinct())
                    counts[id] = counts.GetValueOrDefault(id) + 1;
        }
        _numbers = counts.Where(word => word.Value < rows).Select((word, number) => (word.Key, number)).ToDictionary();
    }

    public int Count => _numbers.Count;

    /// <summary>The words of each text.</summary>
    public int[][] Of(TextBatches texts) => [.. Enumerable.Range(0, texts.Count).Select(row => texts[row].Ids.Where(_numbers.ContainsKey).Select(id => _numbers[id]).Distinct().ToArray())];
}
