using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A model and tokenised rows as a method finds them when it prepares.</summary>
internal sealed class Prepared : IDisposable
{
    private readonly PretrainedEncoder _encoder;

    private Prepared(FineTuneTask task, PretrainedEncoder encoder)
    {
        _encoder = encoder;
        Model = encoder.CreateClassifier(new(task.ClassCount), task.Device);
        var batches = new TextBatches(task.Data.Inputs.Encode(encoder.Tokenizer, lowerCase: false, maxLength: 20, default), encoder.Config);
        Preparation = new PeftPreparation(new FineTuneSession(task, encoder, Model), new EncodedTexts(batches, task.Data.Labels));
    }

    public TaskModel Model { get; }

    public PeftPreparation Preparation { get; }

    /// <summary>A fresh encoder of a few layers on texts whose class is told by a word.</summary>
    public static Prepared Create(PeftMethod method, int layers = 1, TrainingOptions? training = null)
    {
        EncoderSource source = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = layers, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200, Dropout = 0 });
        FineTuneTask task = TinyTexts.Task(method, training, source) with { Data = TinyTexts.Create(5, 36) };
        TorchSharp.torch.manual_seed(1);
        return new Prepared(task, source.Open(task.Data.Inputs.Select(input => input.Text)));
    }

    public void Dispose()
    {
        Model.Dispose();
        _encoder.Dispose();
    }
}
