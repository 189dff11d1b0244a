using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>Brings a student's vectors to the teacher's width so that they can be compared; trained along, dropped at the end.</summary>
internal sealed class WidthProjection : Part
{
    private readonly AdaptableLinear _linear;

    private WidthProjection(int student, int teacher, Device device) : base(nameof(WidthProjection))
    {
        _linear = new AdaptableLinear(TargetModules.None, null, student, teacher, device);
        // Keeps the size of what passes, so that the encoder has a direction to learn in from the first step.
        Initialization.Normal(_linear, 1 / Math.Sqrt(student));
        Register("linear", _linear);
    }

    /// <summary>Null where both have the same width.</summary>
    public static WidthProjection? Between(int student, int teacher, Device device) => student == teacher ? null : new WidthProjection(student, teacher, device);

    /// <param name="vectors">[…, student's width].</param>
    /// <returns>[…, teacher's width], in the same type.</returns>
    public Tensor Forward(Tensor vectors) => _linear.Forward(vectors);
}
