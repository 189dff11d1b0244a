namespace MLNet.FineTune;

/// <summary>How far the download of one file has come.</summary>
/// <param name="File">The file's name in the model.</param>
/// <param name="BytesReceived">Bytes present so far, those of an earlier, interrupted download included.</param>
/// <param name="TotalBytes">The file's size in bytes, or <see langword="null"/> where the server does not say.</param>
public readonly record struct DownloadProgress(string File, long BytesReceived, long? TotalBytes);
