using System.Runtime.ExceptionServices;

namespace MLNet.FineTune.Persistence;

/// <summary>Finds the cause of a failed load behind the exceptions that ML.NET, which loads by reflection, wraps around it.</summary>
internal static class LoadFailure
{
    private const string Key = "MLNet.FineTune.LoadFailure";

    /// <summary>Remembers that an exception was thrown by code of this library; for use as an exception filter that never catches.</summary>
    public static bool Mark(Exception cause)
    {
        cause.Data[Key] = true;
        return false;
    }

    /// <summary>
    /// Throws what a caller is told. Our own exceptions keep their type: they may be of the machine (no GPU, no encoder where
    /// the model refers to one), not of the file. Any other means that the file is none ML.NET can load.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged, foreign, or needs an assembly that is not there.</exception>
    public static void Throw(Exception failure, string path)
    {
        Exception cause = Causes(failure).FirstOrDefault(e => e.Data.Contains(Key)) ?? failure.GetBaseException();
        bool ours = cause.Data.Contains(Key);
        // The temporary folder that ML.NET unpacks into may be full or closed.
        bool environment = cause is OperationCanceledException or UnauthorizedAccessException || cause.GetType() == typeof(IOException);
        if (environment || (ours && cause is not InvalidDataException))
            ExceptionDispatchInfo.Throw(cause);
        throw new InvalidDataException($"The model '{path}' cannot be loaded. {Describe(cause, ours)}", failure);
    }

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
            yield return e;
    }

    private static string Describe(Exception cause, bool ours) => cause switch
    {
        _ when ours => cause.Message,
        FileNotFoundException or FileLoadException or BadImageFormatException =>
            $"A part of it needs an assembly that cannot be loaded: {cause.Message} Reference its package, or, if the name makes no sense, the file is damaged: save or copy the model again.",
        _ => $"It is not what ML.NET saved ({cause.Message.TrimEnd('.')}); save or copy the model again.",
    };
}
