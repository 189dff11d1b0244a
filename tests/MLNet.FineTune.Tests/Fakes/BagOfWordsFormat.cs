using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>Saves the stand-in: its shape in one stream, its weights in another.</summary>
internal sealed class BagOfWordsFormat : IClassifierFormat
{
    public const string ShapeStream = "shape.txt";
    public const string WeightsStream = "weights.bin";

    public string Kind => "test-bag-of-words";

    public bool Handles(ITextClassifier classifier) => classifier is BagOfWordsClassifier;

    public void Save(ITextClassifier classifier, Action<string, Action<Stream>> write)
    {
        var bag = (BagOfWordsClassifier)classifier;
        write(ShapeStream, stream =>
        {
            using var writer = new StreamWriter(stream);
            writer.Write($"{bag.ClassCount} {bag.BatchSize}");
        });
        write(WeightsStream, stream => stream.Write(MemoryMarshal.AsBytes<float>(bag.Weights)));
    }

    public ITextClassifier Load(IHostEnvironment environment, Func<string, Stream?> open)
    {
        Assert.IsNull(open("never-written"));
        using var reader = new StreamReader(open(ShapeStream)!);
        string[] shape = reader.ReadToEnd().Split(' ');
        int classes = int.Parse(shape[0], System.Globalization.CultureInfo.InvariantCulture);
        float[] weights = new float[classes * BagOfWordsClassifier.Buckets];
        using Stream stream = open(WeightsStream)!;
        stream.ReadExactly(MemoryMarshal.AsBytes(weights.AsSpan()));
        return new BagOfWordsClassifier(classes, weights, int.Parse(shape[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
