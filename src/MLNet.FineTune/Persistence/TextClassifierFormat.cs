using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Persistence;

/// <summary>A <see cref="TextClassifier"/> in a model's streams.</summary>
internal sealed class TextClassifierFormat : IClassifierFormat
{
    public string Kind => "transformer";

    public bool Handles(ITextClassifier classifier) => classifier is TextClassifier;

    public void Save(ITextClassifier classifier, Action<string, Action<Stream>> write) => ((TextClassifier)classifier).Save(write);

    public ITextClassifier Load(IHostEnvironment environment, Func<string, Stream?> open)
    {
        var settings = (IHostEnvironmentInternal)environment;
        return TextClassifier.Load(open, Hardware.SelectDevice(settings.GpuDeviceId, settings.FallbackToCpu));
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A format registers itself, so that models load with nothing called before.")]
    internal static void Register() => ClassifierFormats.Register(new TextClassifierFormat());
}
