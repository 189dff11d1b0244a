using System.Globalization;
using System.Text;

namespace MLNet.FineTune;

/// <summary>Encoders by what is expected of them.</summary>
public sealed class EncoderSelectionResult
{
    internal EncoderSelectionResult(int rows, IEnumerable<EncoderCandidate> candidates) =>
        (Rows, Candidates) = (rows, [.. candidates.OrderBy(candidate => double.IsNaN(candidate.PredictedLoss)).ThenBy(candidate => candidate.PredictedLoss)]);

    /// <summary>The rows of the whole training set, without those that were measured on: what predictions are for.</summary>
    public int Rows { get; }

    /// <summary>All encoders, the lowest predicted loss first and those that failed last.</summary>
    public IReadOnlyList<EncoderCandidate> Candidates { get; }

    /// <summary>The encoder with the lowest predicted loss.</summary>
    /// <exception cref="InvalidOperationException">All failed; the message says how.</exception>
    public EncoderSource Best => Candidates[0].Error is null
        ? Candidates[0].Encoder
        : throw new InvalidOperationException($"No encoder could be fine-tuned: {string.Join("; ", Candidates.Select(candidate => $"{candidate.Encoder.Description}: {candidate.Error}"))}.");

    /// <summary>A line for each encoder: predicted loss, law, points.</summary>
    public string ToTable()
    {
        var text = new StringBuilder();
        int width = Candidates.Max(candidate => candidate.Encoder.Description.Length);
        foreach (EncoderCandidate candidate in Candidates)
        {
            string points = string.Join(", ", candidate.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Rows}: {point.Loss:F3}{(point.Accepted ? "" : " (not used)")}")));
            string law = candidate.Law is { } fit ? string.Create(CultureInfo.InvariantCulture, $"  L(D) = {fit.B:G3} / ({fit.PreLearnedSize:G3} + D^{fit.Beta:F2}) + {fit.E:F3}") : "";
            text.AppendLine(CultureInfo.InvariantCulture, $"{candidate.Encoder.Description.PadRight(width)}  {(candidate.Error is null ? string.Create(CultureInfo.InvariantCulture, $"loss {candidate.PredictedLoss:F3} for {Rows} rows") : candidate.Error)}  [{points}]{law}");
        }
        return text.ToString();
    }
}
