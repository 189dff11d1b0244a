using MLNet.FineTune;
using Spectre.Console;

namespace QuickStart;

/// <summary>Finds the encoder that <c>--encoder</c> names: a directory, a hub model, or the one that comes with the library.</summary>
internal static class EncoderChoice
{
    /// <param name="name">A path, a hub id, or null.</param>
    /// <param name="cancellation">Stops a download.</param>
    public static EncoderSource Open(string? name, CancellationToken cancellation)
    {
        EncoderSource encoder = name is null ? EncoderSource.Default : Named(name, cancellation);
        AnsiConsole.MarkupLineInterpolated($"Encoder: {encoder.Description}");
        return encoder;
    }

    private static EncoderSource Named(string name, CancellationToken cancellation)
    {
        if (Directory.Exists(name))
            return EncoderSource.FromDirectory(name);
        if (File.Exists(name))
            throw new ArgumentException($"--encoder '{name}' is a file; expected a directory with config.json, weights and tokenizer, or a hub id.");
        if (LooksLikePath(name))
            throw new DirectoryNotFoundException($"--encoder: there is no directory '{Path.GetFullPath(name)}'.");
        HubEncoderSource hub = EncoderSource.FromHub(name);
        AnsiConsole.MarkupLineInterpolated($"There is no directory '{name}' here, so it is taken for the id of a hub model.");
        AnsiConsole.Progress().Start(context => hub.Download(new DownloadBars(context), cancellation));
        return hub;
    }

    private static bool LooksLikePath(string name) => name.StartsWith('.') || Path.IsPathRooted(name) || name.Contains('\\') || name.Count(c => c == '/') > 1;

    /// <summary>A bar for each file of a download.</summary>
    private sealed class DownloadBars(ProgressContext context) : IProgress<DownloadProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(DownloadProgress value)
        {
            lock (_bars)
            {
                if (!_bars.TryGetValue(value.File, out ProgressTask? bar))
                    _bars[value.File] = bar = context.AddTask(Markup.Escape(value.File));
                bar.IsIndeterminate = value.TotalBytes is null;
                bar.MaxValue = value.TotalBytes ?? double.MaxValue;
                bar.Value = value.BytesReceived;
            }
        }
    }
}
