using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using TorchSharp;

namespace MLNet.FineTune.Pretraining;

/// <summary>Chooses texts of a domain for a task.</summary>
internal static class TextSelection
{
    /// <summary>The domain's rows that are among the nearest of any of the task's texts.</summary>
    /// <exception cref="ArgumentException">The encoder is not trained yet.</exception>
    public static SelectedRows Nearest(IHost host, CorpusView task, CorpusView domain, EncoderSource encoder, int count, Precision precision, torch.Device device, Action checkAlive)
    {
        if (encoder is ScratchEncoderSource)
            throw new ArgumentException($"Texts cannot be compared by a {encoder.Description}: its embeddings are random until it is trained. Give a trained encoder.", nameof(encoder));
        using TextEmbedder embedder = TextEmbedder.Create(encoder, precision, device);
        using var search = new NearestTexts(embedder, device, task.Read().Select(text => text.Text), count, checkAlive);
        return Report(host, search.Search(domain.Read().Select(text => text.Text)));
    }

    /// <summary>As many rows of the domain at random.</summary>
    public static SelectedRows Random(IHost host, CorpusView task, CorpusView domain, int count, int seed)
    {
        HashSet<string> queries = [.. task.Read().Select(text => text.Text)];
        return Report(host, RandomTexts.Draw(domain.Read().Select(text => text.Text), queries, (long)count * queries.Count(text => !string.IsNullOrWhiteSpace(text)), seed));
    }

    private static SelectedRows Report(IHost host, SelectedRows selected)
    {
        using IChannel channel = host.Start("Selecting texts");
        channel.Info(string.Create(CultureInfo.InvariantCulture, $"{selected.Rows.Length:N0} texts of the domain were selected."));
        return selected;
    }
}
