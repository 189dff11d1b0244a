using System.IO.Compression;
using Microsoft.ML;

namespace MLNet.FineTune.Persistence;

/// <summary>An ML.NET model in a file: written whole or not at all, read with the cause of a failure in its message.</summary>
internal static class ModelFile
{
    public static void Save(MLContext context, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The model '{path}' cannot be saved: there is no folder '{folder}'.");
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                context.Model.Save(model, inputSchema, stream);
                CheckWritten(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (IsWriteFailure(e))
                throw new IOException($"The model '{path}' could not be written: {e.Message}", e);
            throw;
        }
    }

    /// <summary>A full disk, a failing one, or a file that grows beyond what the file system or a quota allows, which .NET reports as an argument out of range.</summary>
    private static bool IsWriteFailure(Exception e) =>
        e.GetType() == typeof(IOException) || (e is ArgumentOutOfRangeException && e.Source == typeof(FileStream).Assembly.GetName().Name);

    public static ITransformer Load(MLContext context, string path, out DataViewSchema? inputSchema)
    {
        using FileStream stream = File.OpenRead(path);
        CheckZip(stream, path);
        try
        {
            return context.Model.Load(stream, out inputSchema);
        }
        catch (Exception e)
        {
            LoadFailure.Throw(e, path);
            throw;
        }
    }

    /// <summary>ML.NET makes a temporary folder before it opens the zip, and leaves it behind when that fails.</summary>
    private static void CheckZip(FileStream stream, string path)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            _ = archive.Entries;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"The model '{path}' cannot be loaded. It is not a complete zip archive ({e.Message.TrimEnd('.')}); save or copy the model again.", e);
        }
        stream.Position = 0;
    }

    /// <summary>ML.NET swallows a failure to write the zip's directory, which comes last; without it nothing can be read.</summary>
    private static void CheckWritten(FileStream stream)
    {
        stream.Position = 0;
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.Count > 0)
                return;
        }
        catch (InvalidDataException e)
        {
            throw new IOException("the file has no directory at its end. Check the free space of the disk.", e);
        }
        throw new IOException("the file is empty.");
    }
}
