using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Samples;
using Spectre.Console;

namespace QuickStart;

/// <summary>Small things that the parts of the output share.</summary>
internal static class Output
{
    /// <summary>Sets the width, and shows the warnings of a context.</summary>
    public static void Prepare(MLContext ml)
    {
        Screen.Prepare();
        ml.Log += (_, log) =>
        {
            if (log.Kind >= ChannelMessageKind.Warning)
                AnsiConsole.MarkupLineInterpolated($"[yellow]{log.RawMessage}[/]");
        };
    }

    public static void Heading(string title)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.Write(new Rule($"[bold]{title}[/]").LeftJustified());
    }

    /// <summary>The time since a timestamp, as text.</summary>
    public static string Since(long start) => $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s";

    /// <summary>Checks that a file can be written, so that a training is not lost for it; an existing file is not touched.</summary>
    /// <exception cref="IOException">The folder is missing, or the path is a folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void CheckPlace(string file)
    {
        string path = Path.GetFullPath(file);
        if (Directory.Exists(path))
            throw new IOException($"--save '{path}' is a directory; expected a file, such as model.zip.");
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"--save: there is no directory '{folder}'.");
        using var probe = new FileStream(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
    }
}
