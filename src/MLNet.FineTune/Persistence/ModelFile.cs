using System.IO.Compression;
using Microsoft.ML;

namespace MLNet.FineTune.Persistence;

/// <summary>An ML.NET model in a file: written whole or not at all, read with the cause of a failure in its message.</summary>
internal static class ModelFile
{
    public static void Save(MLContext context, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                context.Model.Save(model, inputSchema, stream);
                CheckWritten(stream, path);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public static ITransformer Load(MLContext context, string path, out DataViewSchema? inputSchema)
    {
        try
        {
            return context.Model.Load(path, out inputSchema);
        }
        catch (Exception e) when (e.GetBaseException() is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new InvalidDataException($"The model '{path}' cannot be loaded. {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>ML.NET swallows a failure to write the zip's directory, which comes last; without it nothing can be read.</summary>
    private static void CheckWritten(FileStream stream, string path)
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
            throw new IOException($"The model '{path}' could not be written completely. Check the free space of the disk.", e);
        }
        throw new IOException($"The model '{path}' could not be written: the file is empty.");
    }
}
