using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Pretraining;

/// <summary>Checks before a long training that its result can go where it shall.</summary>
internal static class OutputFolder
{
    /// <param name="directory">Where the encoder goes.</param>
    /// <param name="encoder">What it is trained from.</param>
    /// <param name="others">Further folders that the run writes to, by the option that names them.</param>
    /// <exception cref="ArgumentException">The folder holds another one of the run's, which would be deleted with what the folder held before.</exception>
    /// <exception cref="IOException">The path is a file's or below one, or the folder holds something else than an encoder.</exception>
    public static void Check(string directory, EncoderSource encoder, params (string Option, string? Path)[] others)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory, "outputDirectory");
        ModelDirectory.Check(directory);
        foreach ((string option, string? path) in others)
            if (path is not null && Holds(directory, path))
                throw new ArgumentException($"{option} is '{path}', which is the output directory '{directory}' or inside it; expected a folder elsewhere, because the output directory is replaced as a whole.", option);
        if (encoder is DirectoryEncoderSource source && Holds(directory, source.GetDirectory()))
            throw new ArgumentException($"The output directory '{directory}' is, or holds, the encoder that is trained from; expected another folder, so that the encoder is still there if the result disappoints.", nameof(directory));
    }

    private static bool Holds(string folder, string path) => Full(path).StartsWith(Full(folder), StringComparison.Ordinal);

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
}
