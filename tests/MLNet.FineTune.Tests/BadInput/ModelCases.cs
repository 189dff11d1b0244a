using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Saved models: files that are not, streams that were removed or altered, and folders that cannot be written.</summary>
internal static class ModelCases
{
    private static readonly Type Damaged = typeof(InvalidDataException);

    public static BadInputCase[] All { get; } =
    [
        new("no model file", typeof(FileNotFoundException), w => w.Load(w.Given("absent.zip")), "absent.zip"),
        new("model path is blank", typeof(ArgumentException), w => w.Load(" "), "filePath"),
        new("model path is a folder", typeof(UnauthorizedAccessException), w => w.Load(Path.GetDirectoryName(w.Given("x"))!), "denied"),
        new("model is empty", Damaged, w => w.Load(w.Model(_ => [])), "model.zip", "zip archive"),
        new("model is text", Damaged, w => w.Load(w.Model(_ => "text"u8.ToArray())), "model.zip", "zip archive"),
        new("model is cut", Damaged, w => w.Load(w.Model(zip => zip[..(zip.Length / 2)])), "model.zip", "zip archive"),
        new("model is another zip", Damaged, w => w.Load(w.Model(_ => Zip.Write(new Dictionary<string, byte[]> { ["a.txt"] = [1] }))), "model.zip"),
        Missing("settings.json"),
        Missing("encoder.safetensors"),
        Missing("adapter_model.safetensors"),
        Missing("adapter_config.json"),
        Missing("config.json"),
        Missing("tokenizer_vocab.txt"),
        Altered("settings.json"),
        Altered("encoder.safetensors"),
        Altered("adapter_model.safetensors"),
        Altered("tokenizer_vocab.txt"),
        new("model's stream is cut", Damaged, w => w.Load(w.Model(zip => Zip.With(zip, "encoder.safetensors", bytes => bytes[..1000]))), "model.zip", "'encoder.safetensors'", "1000 bytes", "were saved"),
        new("model is of a newer library", Damaged, w => w.Load(w.Model(Newer)), "model.zip", "9.1", "Update the MLNet.FineTune package"),
        new("model refers to a missing directory", Damaged, w =>
        {
            SaveReference(w);
            Directory.Delete(w.Given("encoder"), recursive: true);
            w.Load(w.Given("small.zip"));
        }, "encoder", "saved without its encoder", "Embedded"),
        new("model refers to another encoder", Damaged, w =>
        {
            SaveReference(w);
            EncoderDirectory.Write(w.Given("encoder"), (name, sound) => name == EncoderDirectory.Weights ? EncoderDirectory.OtherWeights : sound);
            w.Load(w.Given("small.zip"));
        }, "small.zip", "encoder", "SHA-256", "Embedded"),
        new("model is scored on a GPU that is not there", typeof(InvalidOperationException), w =>
        {
            (w.Ml.GpuDeviceId, w.Ml.FallbackToCpu) = (99, false);
            w.Load(w.Model());
        }, "GPU 99", "FallbackToCpu"),
        new("no model to save", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.FineTuning().SaveModel(null!, null, w.Written("model.zip"))), "model"),
        new("folder to save in is missing", typeof(DirectoryNotFoundException), w => Save(w, w.Written("absent/model.zip")), "absent", "no folder"),
        new("model to save is disposed", typeof(ObjectDisposedException), w => Save(w, w.Written("model.zip"), model => model.Dispose()), "TextClassificationTransformer"),
        new("model to score is disposed", typeof(ObjectDisposedException), w =>
        {
            var model = Tiny.Fit(w.Ml, Tiny.Options("head", epochs: 1), rows: 16);
            model.Dispose();
            Workplace.Throwing(() => model.Transform(w.Ml.Data.LoadFromEnumerable(Rows.Make(3))));
        }, "TextClassificationTransformer"),
    ];

    private static BadInputCase Missing(string stream) =>
        new($"model lacks {stream}", Damaged, w => w.Load(w.Model(zip => Zip.With(zip, stream, _ => null))), "model.zip", $"'{stream}' is missing");

    private static BadInputCase Altered(string stream) => new($"model has another {stream}", Damaged, w => w.Load(w.Model(zip => Zip.With(zip, stream, bytes =>
    {
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    }))), "model.zip", $"'{stream}' has another SHA-256");

    /// <summary>ML.NET's header: model signature, version written, version readable.</summary>
    private static byte[] Newer(byte[] zip) => Zip.With(zip, "Model.key", key =>
    {
        int signature = System.Text.Encoding.Latin1.GetString(key).IndexOf("FTMCTEXT", StringComparison.Ordinal);
        BitConverter.TryWriteBytes(key.AsSpan(signature + 8), 0x00090001u);
        BitConverter.TryWriteBytes(key.AsSpan(signature + 12), 0x00090001u);
        return key;
    });

    private static void SaveReference(Workplace w)
    {
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1, encoder: EncoderSource.FromDirectory(EncoderDirectory.Write(w.Given("encoder"))));
        options.SavedWeights = SavedWeights.AdapterOnly;
        using var model = Tiny.Fit(w.Ml, options, rows: 16);
        w.Ml.FineTuning().SaveModel(model, null, w.Given("small.zip"));
    }

    private static void Save(Workplace w, string path, Action<MulticlassTextClassificationTransformer>? before = null)
    {
        using var model = Tiny.Fit(w.Ml, Tiny.Options("head", epochs: 1), rows: 16);
        before?.Invoke(model);
        Workplace.Throwing(() => w.Ml.FineTuning().SaveModel(model, null, path));
    }
}
